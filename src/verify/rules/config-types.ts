import type { JsonValue } from '../../formats/json.ts';
import type { Rule, RuleFinding } from '../rule.ts';

interface Kind {
  readonly words: string;
  readonly accepts: (value: JsonValue) => boolean;
}

const FLAG: Kind = { words: 'true or false', accepts: (value) => typeof value === 'boolean' };
const SHARE: Kind = {
  words: 'a number from 0 to 1',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};
const COUNT: Kind = {
  words: 'a whole number above 0',
  accepts: (value) => Number.isInteger(value) && Number(value) > 0,
};
const oneOf = (...words: string[]): Kind => ({
  words: words.map((word) => JSON.stringify(word)).join(' or '),
  accepts: (value) => words.includes(String(value)),
});

/** Keys whose type transformers 5 enforces when it loads a config; those that may be null are not here. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(attention|mlp|norm|classifier|decoder|qkv_proj)_bias$|^tie_word_embeddings$/, FLAG],
  [
    /^(attention|embedding|mlp|hidden|attention_probs|hidden_dropout|attention_probs_dropout)_(dropout|prob|dropout_prob)$/,
    SHARE,
  ],
  [
    /^(hidden_size|num_hidden_layers|num_attention_heads|intermediate_size|vocab_size|max_position_embeddings|local_attention|global_attn_every_n_layers)$/,
    COUNT,
  ],
  [/^classifier_pooling$/, oneOf('cls', 'mean')],
  [/^problem_type$/, oneOf('regression', 'multi_label_classification', 'single_label_classification')],
];

export const configTypes: Rule = {
  code: 'config-types',
  title: 'transformers 5 takes every value of config.json',
  group: 'config',
  severity: 'error',
  explanation:
    'Settings have the types that transformers 5 insists on: no `null` or quoted number where a flag or a number is wanted, sizes above 0, `classifier_pooling` one of its two words, `problem_type` one of its three, and a hidden size that the attention heads divide. transformers 4 took almost anything.',
  fix: "write the value with its proper type, as in the base model's config.json",
  cheap: true,
  needs: ['json-strict'],
  async check({ modelConfig }) {
    const raw = await modelConfig();
    const path = 'config.json';
    const findings: RuleFinding[] = [];
    for (const [key, value] of Object.entries(raw)) {
      const kind = KINDS.find(([form]) => form.test(key))?.[1];
      if (kind === undefined || kind.accepts(value)) continue;
      findings.push({ path, message: `${key} is ${JSON.stringify(value)}; expected ${kind.words}` });
    }
    const { hidden_size: size, num_attention_heads: heads } = raw;
    if (Number(heads) > 0 && Number(size) % Number(heads) !== 0) {
      findings.push({
        path,
        message: `hidden_size is ${size}, which ${heads} attention heads do not divide`,
      });
    }
    return { findings };
  },
};
