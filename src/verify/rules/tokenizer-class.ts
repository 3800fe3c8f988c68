import type { Rule, RuleFinding } from '../rule.ts';

export const tokenizerClass: Rule = {
  code: 'tokenizer-class',
  title: 'transformers 4 and 5 both load the tokenizer',
  group: 'tokenizer',
  severity: 'error',
  explanation:
    '`tokenizer_class` is one that both versions have. transformers 5 writes `TokenizersBackend`, which transformers 4 and most other readers do not know; a model type of its own has no default class, so there must be one. `model_input_names` lists what the encoder takes: without it tokenizers add `token_type_ids`, which ModernBERT refuses.',
  fix: 'write "tokenizer_class": "PreTrainedTokenizerFast" and "model_input_names": ["input_ids", "attention_mask"] into tokenizer_config.json, or assemble again',
  cheap: true,
  needs: ['json-strict'],
  async check({ tokenizerConfig }) {
    const { tokenizer_class: name, model_input_names: inputs } = await tokenizerConfig();
    const path = 'tokenizer_config.json';
    const findings: RuleFinding[] = [];
    if (typeof name !== 'string') findings.push({ path, message: 'names no tokenizer_class' });
    else if (name === 'TokenizersBackend' || name === 'PreTrainedTokenizer') {
      findings.push({
        path,
        message: `tokenizer_class is ${name}, which transformers ${name === 'TokenizersBackend' ? '4 does not know' : 'cannot load from tokenizer.json'}`,
      });
    }
    if (!Array.isArray(inputs))
      findings.push({ path, severity: 'warning', message: 'has no model_input_names' });
    else if (!inputs.includes('input_ids') || !inputs.includes('attention_mask')) {
      const message = `model_input_names is ${JSON.stringify(inputs)}: the mask or the ids are missing`;
      findings.push({ path, message });
    }
    return { findings };
  },
};
