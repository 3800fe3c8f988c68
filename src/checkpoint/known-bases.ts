import type { JsonObject } from '../formats/json.ts';

/** What the two published ModernBERT sizes share; the number of heads cannot be read from tensor shapes. */
const MODERNBERT = {
  model_type: 'modernbert',
  vocab_size: 50368,
  hidden_activation: 'gelu',
  max_position_embeddings: 8192,
  norm_eps: 1e-5,
  norm_bias: false,
  attention_bias: false,
  mlp_bias: false,
  local_attention: 128,
  global_attn_every_n_layers: 3,
  global_rope_theta: 160000.0,
  local_rope_theta: 10000.0,
  pad_token_id: 50283,
  bos_token_id: 50281,
  eos_token_id: 50282,
  cls_token_id: 50281,
  sep_token_id: 50282,
} as const;

/** Encoder configs of base models, by lower-case Hub id, for run folders that hold no `config.json`. */
export const KNOWN_BASES: Readonly<Record<string, JsonObject>> = {
  'answerdotai/modernbert-base': {
    ...MODERNBERT,
    hidden_size: 768,
    intermediate_size: 1152,
    num_hidden_layers: 22,
    num_attention_heads: 12,
  },
  'answerdotai/modernbert-large': {
    ...MODERNBERT,
    hidden_size: 1024,
    intermediate_size: 2624,
    num_hidden_layers: 28,
    num_attention_heads: 16,
  },
};
