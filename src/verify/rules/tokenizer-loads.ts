import { loadTokenizer } from '../../inference/tokenizer.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Texts of several scripts, with what a tokenizer might stumble over. */
const TEXTS = ['SELECT a FROM b;', 'Größe – naïve 東京 🙂', 'a\n\tb   c', ''];

export const tokenizerLoads: Rule = {
  code: 'tokenizer-loads',
  title: 'the tokenizer works, and knows the letters',
  group: 'tokenizer',
  severity: 'error',
  explanation:
    '`tokenizer.json` and `tokenizer_config.json` load, encode texts of several scripts, and put the same special tokens around each. A tokenizer that turns plain English into unknown tokens is of another model, or broken.',
  fix: 'save it again in Python: AutoTokenizer.from_pretrained(...).save_pretrained(run_dir)',
  cheap: true,
  needs: ['json-strict'],
  async check({ dir, config }) {
    const { maxLength } = (await config()).input;
    const { encode } = await loadTokenizer(dir);
    const findings: RuleFinding[] = [];
    const empty = encode('', maxLength).ids;
    for (const text of TEXTS) {
      const { ids } = encode(text, maxLength);
      if (text !== '' && ids.length <= empty.length) {
        findings.push({ path: 'tokenizer.json', message: `turns ${JSON.stringify(text)} into nothing` });
      }
    }
    const letters = new Set(
      [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => encode(letter, maxLength).ids.join(' ')),
    );
    if (findings.length === 0 && letters.size < 13) {
      const message = `gives only ${letters.size} different answers to the 26 letters: most of them are unknown to it`;
      findings.push({ path: 'tokenizer.json', message });
    }
    return { findings };
  },
};
