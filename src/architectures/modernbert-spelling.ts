import { type SpelledObject, spellFloat } from '../formats/spelled-json.ts';
import type { ModernBertConfig } from './modernbert-config.ts';

/** transformers 4 and 5 spell windows and rotary settings differently, and each ignores the other's keys. */
export function spellForBoth(config: ModernBertConfig): SpelledObject {
  const every = findGlobalSpacing(config.layerTypes);
  return {
    global_rope_theta: spellFloat(config.ropeTheta.full),
    local_rope_theta: spellFloat(config.ropeTheta.sliding),
    ...(every === undefined ? {} : { global_attn_every_n_layers: every }),
    layer_types: config.layerTypes.map((type) => `${type}_attention`),
    rope_parameters: {
      full_attention: { rope_type: 'default', rope_theta: spellFloat(config.ropeTheta.full) },
      sliding_attention: { rope_type: 'default', rope_theta: spellFloat(config.ropeTheta.sliding) },
    },
  };
}

/** The n for which exactly the layers 0, n, 2n … are global; transformers 4 knows no other pattern. */
function findGlobalSpacing(types: readonly string[]): number | undefined {
  for (let every = 1; every <= types.length; every++) {
    if (types.every((type, layer) => (type === 'full') === (layer % every === 0))) return every;
  }
  return undefined;
}
