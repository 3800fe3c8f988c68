import type { Rule } from '../rule.ts';
import { listTokenIds } from '../token-ids.ts';

export const tokenizerEmbedding: Rule = {
  code: 'tokenizer-embedding',
  title: 'every token id has a row in the embedding',
  group: 'tokenizer',
  severity: 'error',
  explanation: 'Every token id has a row in the embedding.',
  fix: 'use the tokenizer that the model was trained with; after adding tokens, call resize_token_embeddings',
  cheap: true,
  needs: ['tensors-config'],
  async check({ tokenizer, checkpoint }) {
    const rows = (await checkpoint()).config.vocabSize;
    const ids = listTokenIds(await tokenizer());
    if (ids.size === 0) {
      return { findings: [{ path: 'tokenizer.json', message: 'has no vocabulary' }] };
    }
    const beyond = [...ids].filter(([, id]) => id >= rows);
    const [first] = beyond;
    if (first === undefined) return { findings: [] };
    return {
      findings: [
        {
          path: 'tokenizer.json',
          message: `token ${JSON.stringify(first[0])} has id ${first[1]}, the embedding has ${rows} rows (${beyond.length} tokens lie beyond)`,
          hint: 'the tokenizer is of another model, or tokens were added without resize_token_embeddings',
        },
      ],
    };
  },
};
