import { mean } from 'd3-array';
import { SPLIT_FILES } from '../../splits.ts';
import type { Rule } from '../rule.ts';

export const beatsMean: Rule = {
  code: 'beats-mean',
  title: 'the model is better than always saying the mean',
  group: 'metrics',
  severity: 'error',
  explanation:
    'The recorded predictions leave less squared error on the test split than the mean label of the training split does (of the test split, where the other is not in the bundle). A model that does not has learnt nothing: wrong labels, a head that was not loaded, or training that diverged.',
  fix: 'check that head, labels and input.template are those of training; if they are, do not publish it yet',
  cheap: true,
  needs: ['csv-schema', 'row-counts'],
  async check({ files, split, predictions }) {
    const { labels } = await split('test');
    const scores = await predictions();
    const source = files.includes(SPLIT_FILES.train) ? (await split('train')).labels : labels;
    const constant = mean(source) ?? 0;
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const own = sum(labels.map((label, row) => (label - (scores[row] ?? 0)) ** 2));
    const base = sum(labels.map((label) => (label - constant) ** 2));
    if (base === 0) return { skipped: 'the labels do not vary' };
    const margin = {
      what: "squared error, as a share of the mean's,",
      actual: Number((own / base).toPrecision(4)),
      limit: 1,
    };
    if (own < base) return { findings: [], margin };
    const message = `leaves ${(own / base).toFixed(2)} times the squared error of always saying ${Number(constant.toPrecision(4))}, the mean label`;
    return { findings: [{ path: 'test_predictions.csv', message }], margin };
  },
};
