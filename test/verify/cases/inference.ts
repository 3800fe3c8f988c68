import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleReport } from '../../publish/sample-report.ts';
import { editJson, editTensor, editText } from '../bundle-fixture.ts';
import { addInitializer, addNode, inGraph, renameOutput } from './graph-edits.ts';
import { fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

export const INFERENCE_CASES: readonly RuleCase[] = [
  fails(
    'metrics-recompute',
    'the fifth digit of the mae',
    (dir) =>
      editText(dir, 'test_metrics.json', (text) =>
        text.replace(/("mae": 0\.\d{3})(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
      ),
    [
      /test_metrics\.json: mae is 0\.0748\d+; inference gives 0\.0747\d+, off by -1\.0e-4 \(allowed: 7\.5e-6\)/,
    ],
  ),
  warns(
    'metrics-recompute',
    'a metric of its own',
    (dir) =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.my_own_score = 0.5;
      }),
    ['test_metrics.json: my_own_score is not a metric that Hubwright can measure again'],
  ),
  fails(
    'predictions-match',
    'one sign in the head flipped',
    (dir) =>
      editTensor(dir, 'regressor.weight', (values) => {
        values[7] = -(values[7] ?? 0);
      }),
    [/test_predictions\.csv: \d+ of 339 rows differ by more than 0\.0001; most, row \d+/],
  ),
  fails(
    'padding-invariance',
    'a graph that takes padding for text',
    inGraph((graph) => {
      for (const node of graph.node) {
        node.input = node.input.map((name) => (name === 'attention_mask' ? 'no_mask' : name));
      }
      addNode(graph, 'Cast', ['same'], 'no_mask', { to: 7 }, 'start');
      addNode(graph, 'Equal', ['input_ids', 'input_ids'], 'same', {}, 'start');
    }),
    [/model\.onnx: gives a text of \d+ tokens another logit when it is padded: off by \d/],
  ),
  fails(
    'batch-invariance',
    'a graph that mixes rows',
    inGraph((graph) => {
      renameOutput(graph, 'own');
      addInitializer(graph, 'axis', new BigInt64Array([0n]));
      addNode(graph, 'ReduceMean', ['own', 'axis'], 'all');
      addNode(graph, 'Add', ['own', 'all'], 'logits');
    }),
    [/model\.onnx: gives a text of \d+ tokens another logit among others: off by \d/],
  ),
  fails(
    'determinism',
    'dropout that was left on',
    inGraph((graph) => {
      renameOutput(graph, 'own');
      addInitializer(graph, 'ratio', 0.5);
      addInitializer(graph, 'training', true);
      addNode(graph, 'Dropout', ['own', 'ratio', 'training'], 'logits');
    }),
    [/model\.onnx: gives a text of \d+ tokens another logit the second time: off by \d/],
  ),
  fails(
    'every-length',
    'a graph that fails at 7 tokens',
    inGraph((graph) => {
      renameOutput(graph, 'own');
      addInitializer(graph, 'second', new BigInt64Array([1n]));
      addInitializer(graph, 'seven', new BigInt64Array([7n]));
      addNode(graph, 'Shape', ['input_ids'], 'sizes');
      addNode(graph, 'Gather', ['sizes', 'second'], 'length');
      addNode(graph, 'Sub', ['length', 'seven'], 'from_seven');
      addNode(graph, 'Cast', ['from_seven'], 'divisor', { to: 1 });
      addNode(graph, 'Div', ['own', 'divisor'], 'logits');
    }),
    ['model.onnx: gives no finite logit for texts of 7 tokens'],
  ),
  warns(
    'few-truncated',
    'a short maximum',
    (dir) =>
      editJson(dir, 'hubwright.json', (config) => {
        (config.input as Record<string, unknown>).maxLength = 48;
      }),
    [/test_set\.csv: \d+ of 339 rows are longer than 48 tokens and lose their end/],
  ),
  fails(
    'baseline-metrics',
    'worse than before',
    () => {},
    ['test_metrics.json: rmse is 0.112579; old.json has 0.1 (worse by at most 0.001 is allowed)'],
    {
      options: { baseline: baseline({ rmse: 0.1, pearson: 0.857 }, true) },
    },
  ),
  warns(
    'baseline-metrics',
    'worse than on another test split',
    () => {},
    ['test_metrics.json: rmse is 0.112579; old.json has 0.1, though on another test split'],
    { options: { baseline: baseline({ rmse: 0.1 }, false) } },
  ),
  passes('baseline-metrics', 'no worse than the limit', () => {}, {
    options: { baseline: { ...baseline({ rmse: 0.1, r2: 0.7 }, true), maxWorse: { rmse: 0.02 } } },
  }),
  skips('baseline-metrics', 'no baseline', () => {}, 'no --baseline was named'),
];

/** A report of an earlier model with these metrics. */
function baseline(metrics: Record<string, number>, sameTestSet: boolean) {
  const test = readFileSync(join(import.meta.dirname, '../../../artifacts/sample-run/test_set.csv'));
  const sha256 = createHash('sha256')
    .update(sameTestSet ? test : '')
    .digest('hex');
  const report = sampleReport('a'.repeat(64), {
    files: [{ path: 'test_set.csv', size: test.length, sha256 }],
    metrics: Object.entries(metrics).map(([metric, actual]) => ({
      key: metric,
      metric,
      expected: actual,
      actual,
      difference: 0,
      tolerance: 0,
      margin: 0,
      status: 'pass' as const,
    })),
  });
  return { source: 'old.json', report };
}
