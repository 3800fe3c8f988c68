import type { ModernBertConfig } from './modernbert-config.ts';

/** The one tensor name that every ModernBERT checkpoint has exactly once, behind whatever prefix. */
export const EMBEDDING_SUFFIX = 'embeddings.tok_embeddings.weight';

/**
 * Names (without prefix) and shapes of all tensors of a ModernBERT encoder. Linear weights are [out, in].
 * Layer 0 has no `attn_norm`: the embedding norm feeds it.
 */
export function listEncoderTensors(config: ModernBertConfig): Map<string, readonly number[]> {
  const { vocabSize, hiddenSize: hidden, intermediateSize: inner } = config;
  const tensors = new Map<string, readonly number[]>([[EMBEDDING_SUFFIX, [vocabSize, hidden]]]);
  const linear = (name: string, shape: readonly [number, number], bias: boolean) => {
    tensors.set(`${name}.weight`, shape);
    if (bias) tensors.set(`${name}.bias`, [shape[0]]);
  };
  const norm = (name: string) => {
    tensors.set(`${name}.weight`, [hidden]);
    if (config.normBias) tensors.set(`${name}.bias`, [hidden]);
  };
  norm('embeddings.norm');
  for (const layer of config.layerTypes.keys()) {
    if (layer > 0) norm(`layers.${layer}.attn_norm`);
    linear(`layers.${layer}.attn.Wqkv`, [3 * hidden, hidden], config.attentionBias);
    linear(`layers.${layer}.attn.Wo`, [hidden, hidden], config.attentionBias);
    norm(`layers.${layer}.mlp_norm`);
    linear(`layers.${layer}.mlp.Wi`, [2 * inner, hidden], config.mlpBias);
    linear(`layers.${layer}.mlp.Wo`, [hidden, inner], config.mlpBias);
  }
  norm('final_norm');
  return tensors;
}
