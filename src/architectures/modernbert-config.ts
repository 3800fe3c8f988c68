import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import { describeFault } from '../formats/schema-fault.ts';

export type LayerType = 'full' | 'sliding';

/** A ModernBERT encoder, as far as inference depends on it; transformers 4 and 5 spellings are resolved. */
export interface ModernBertConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  /** One entry a layer. A sliding layer attends to |i − j| ≤ `radius`. */
  readonly layerTypes: readonly LayerType[];
  /** Half of `local_attention`, in tokens; the bound is inclusive. */
  readonly radius: number;
  readonly ropeTheta: Readonly<Record<LayerType, number>>;
  /** `gelu` is the exact one with erf; `gelu-tanh` the tanh approximation. */
  readonly activation: 'gelu' | 'gelu-tanh';
  readonly normEps: number;
  readonly normBias: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  /** Longest input in tokens. */
  readonly maxPositions: number;
}

const GELU: Record<string, ModernBertConfig['activation']> = {
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
};

const size = z.int().positive();
const theta = z.number().positive();
const rope = z.looseObject({ rope_type: z.literal('default').optional(), rope_theta: theta.optional() });

/** Keys and defaults of transformers' ModernBertConfig (4.48 to 5.x); unknown keys do not change inference. */
const rawSchema = z.looseObject({
  vocab_size: size.default(50368),
  hidden_size: size.default(768),
  intermediate_size: size.default(1152),
  num_hidden_layers: size.max(1000).default(22),
  num_attention_heads: size.default(12),
  hidden_activation: z.enum(Object.keys(GELU) as [string, ...string[]]).default('gelu'),
  norm_eps: z.number().positive().default(1e-5),
  norm_bias: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  local_attention: size.default(128),
  global_attn_every_n_layers: size.nullish(),
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
  global_rope_theta: theta.nullish(),
  local_rope_theta: theta.nullish(),
  rope_parameters: z
    .looseObject({ full_attention: rope.nullish(), sliding_attention: rope.nullish() })
    .nullish(),
  rope_scaling: z.null().optional(),
  max_position_embeddings: size.default(8192),
});

/**
 * Reads the encoder's settings from a `config.json` that transformers 4 or 5 wrote.
 *
 * @throws HubwrightError INPUT_INVALID naming the key.
 */
export function readModernBertConfig(raw: JsonObject): ModernBertConfig {
  const parsed = rawSchema.safeParse(raw);
  if (!parsed.success) {
    throw invalid(describeFault(parsed.error));
  }
  const config = parsed.data;
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw invalid(
      `hidden_size ${config.hidden_size} is not a multiple of num_attention_heads ${config.num_attention_heads}`,
    );
  }
  if ((config.hidden_size / config.num_attention_heads) % 2 !== 0) {
    throw invalid('the size of an attention head must be even for rotary embeddings');
  }
  const layerTypes = resolveLayerTypes(config);
  if (layerTypes.length !== config.num_hidden_layers) {
    throw invalid(
      `layer_types lists ${layerTypes.length} layers, num_hidden_layers is ${config.num_hidden_layers}`,
    );
  }
  const full = config.rope_parameters?.full_attention?.rope_theta ?? config.global_rope_theta ?? 160_000;
  return {
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    heads: config.num_attention_heads,
    layerTypes,
    radius: Math.floor(config.local_attention / 2),
    ropeTheta: { full, sliding: resolveLocalTheta(config, full) },
    activation: GELU[config.hidden_activation] ?? 'gelu',
    normEps: config.norm_eps,
    normBias: config.norm_bias,
    attentionBias: config.attention_bias,
    mlpBias: config.mlp_bias,
    maxPositions: config.max_position_embeddings,
  };
}

type Raw = z.output<typeof rawSchema>;

function resolveLayerTypes(config: Raw): LayerType[] {
  if (config.layer_types)
    return config.layer_types.map((type) => (type === 'full_attention' ? 'full' : 'sliding'));
  const every = config.global_attn_every_n_layers ?? 3;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    layer % every === 0 ? 'full' : 'sliding',
  );
}

/** transformers 4 takes an explicit null as "the same as the global layers"; an absent key has its own default. */
function resolveLocalTheta(config: Raw, full: number): number {
  const given = config.rope_parameters?.sliding_attention?.rope_theta;
  if (given !== undefined) return given;
  if (config.local_rope_theta === null) return full;
  return config.local_rope_theta ?? 10_000;
}

function invalid(what: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `config.json: ${what}`, {
    hint: 'copy the config.json that the encoder was trained with into the run folder',
  });
}
