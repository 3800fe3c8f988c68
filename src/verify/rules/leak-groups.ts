import { join } from 'node:path';
import { scanCsv } from '../../formats/csv.ts';
import { listTemplateColumns } from '../../inference/template.ts';
import { SPLIT_FILES } from '../../splits.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Columns by which rows that belong together are known: one question with several answers, one prompt with several. */
const GROUP = /^(group|question|query|prompt|problem|conversation|dialogue?|document|doc)_?ids?$/i;
const SHOWN = 3;

export const leakGroups: Rule = {
  code: 'leak-groups',
  title: 'no group of rows stands in two splits',
  group: 'data',
  severity: 'warning',
  explanation:
    'Where the splits have a column such as `group_id`, `question_id` or `prompt_id`, no value of it stands both in `train_set.csv` and in `test_set.csv` or `eval_set.csv`. Rows of one group are near copies of each other: with some of them trained on, the others test memory. A column in which no value stands twice within the training split numbers rows, and is not looked at; nor is the label, or a column that the model reads.',
  fix: 'split by groups, as with GroupShuffleSplit of scikit-learn, train and evaluate again; if the groups are meant to be shared, ignore this rule and say why',
  cheap: true,
  needs: ['csv-schema'],
  async check({ dir, files, config }) {
    if (!files.includes(SPLIT_FILES.train)) return { notApplicable: `there is no ${SPLIT_FILES.train}` };
    const { template, label } = (await config()).input;
    const read = new Set([label, ...listTemplateColumns(template)]);
    const train = await readGroups(join(dir, SPLIT_FILES.train), read);
    const columns = [...train].filter(([, { repeats }]) => repeats).map(([column]) => column);
    if (columns.length === 0) return { notApplicable: 'no column says which rows belong together' };
    const findings: RuleFinding[] = [];
    for (const path of [SPLIT_FILES.eval, SPLIT_FILES.test]) {
      if (!files.includes(path)) continue;
      const other = await readGroups(join(dir, path), read);
      for (const column of columns) {
        const ids = other.get(column)?.ids ?? new Set();
        const shared = [...ids].filter((id) => train.get(column)?.ids.has(id));
        if (shared.length === 0) continue;
        const named = shared.slice(0, SHOWN).map((id) => JSON.stringify(id));
        const more = shared.length > SHOWN ? ' and more' : '';
        const message = `${shared.length} of its ${ids.size} values of ${column} stand in ${SPLIT_FILES.train} too: ${named.join(', ')}${more}`;
        findings.push({ path, message });
      }
    }
    return { findings };
  },
};

interface Groups {
  readonly ids: Set<string>;
  /** Whether a value stands in more than one row. */
  repeats: boolean;
}

/** The values of every column that looks as if it said which rows belong together. */
async function readGroups(path: string, read: ReadonlySet<string>): Promise<ReadonlyMap<string, Groups>> {
  const groups = new Map<string, Groups>();
  await scanCsv(path, {
    onHeader: (columns) => {
      for (const column of columns)
        if (GROUP.test(column) && !read.has(column)) groups.set(column, { ids: new Set(), repeats: false });
    },
    onRow: ({ cells }) => {
      for (const [column, group] of groups) {
        const id = (cells[column] ?? '').trim();
        if (id === '') continue;
        if (group.ids.has(id)) group.repeats = true;
        else group.ids.add(id);
      }
    },
  });
  return groups;
}
