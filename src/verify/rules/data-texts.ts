import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const dataTexts: Rule = {
  code: 'data-texts',
  title: 'every row has a text, in the right encoding',
  group: 'data',
  severity: 'warning',
  explanation:
    'No row is empty in all columns of `input.template`, and none holds what is left when a file was read in the wrong encoding (`Ã©` for é, `â€™` for ’, or the replacement character).',
  fix: 'drop the empty rows; read the source as UTF-8 and write the split again',
  cheap: true,
  needs: ['csv-schema'],
  async check({ texts }) {
    const findings: RuleFinding[] = [];
    for (const name of ['train', 'eval', 'test'] as const) {
      const survey = await texts(name);
      const path = SPLIT_FILES[name];
      const add = (rows: readonly number[], what: string) => {
        const [first] = rows;
        if (first === undefined) return;
        const message = `${rows.length} of ${survey?.labels.length} rows ${what}, the first is row ${first + 1}`;
        findings.push({ path, message });
      };
      add(survey?.empty ?? [], 'hold no letter and no digit');
      add(survey?.garbled ?? [], 'were read in a wrong encoding');
    }
    return { findings };
  },
};
