import type { MetricComparison } from '../../verification.ts';
import { compareMetric } from '../compare-metrics.ts';
import type { Measurement } from '../measurement.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const PATH = 'test_metrics.json';

/** The heart of the matter: the published weights, run over the published rows, give the published numbers. */
export const metricsRecompute: Rule = {
  code: 'metrics-recompute',
  title: 'measured again, the metrics are the claimed ones',
  group: 'inference',
  severity: 'error',
  explanation:
    'The heart of it. The published ONNX model runs over the published test split with the published tokenizer; each metric measured from that must equal the one in `test_metrics.json`. Keys are understood under their usual aliases (`mse`, `test_mse`, `mean_squared_error` …); a standard deviation may be of a population or a sample. Tolerance, by the precision in which training evaluated (`verify.tolerance`, by default read from training_args.json): 0.01 % of the value for float32, 0.1 % for TF32, 0.5 % for bfloat16 and float16, 1 % for int8, or half of the last printed decimal where that is more; `verify.tolerances` sets single ones; counts must be equal. Every pass shows how much of its tolerance it took. Keys that cannot be measured are listed as *not verified*. A report that skipped this rule proves nothing.',
  fix: 'put weights, tokenizer, test split and metrics of one run into the run folder, and its template, length and head into hubwright.json, or evaluate again; then hubwright assemble <run-dir>',
  cheap: false,
  needs: ['json-strict', 'safetensors-header', 'csv-schema', 'onnx-data', 'onnx-operators'],
  haltedBy: ['tensors-config'],
  async check({ claims, measurement, tolerance }) {
    const { metrics: measured, intervals } = await measurement();
    const allowed = await tolerance();
    const entries = (await claims()).filter(({ ignored }) => !ignored);
    const metrics = entries.map((entry) => compareMetric(entry, measured, allowed));
    if (intervals !== undefined) {
      const estimated = metrics.map((metric) => judgeByInterval(metric, intervals));
      return { metrics: estimated, findings: estimated.flatMap(describeEstimate) };
    }
    if (!metrics.some(({ status, metric }) => status !== 'not-verified' && metric !== 'n')) {
      const message = 'holds no metric that can be measured again, such as mse, mae or rmse';
      return {
        findings: [{ path: PATH, message, hint: 'write them there: {"mse": …, "mae": …, "rmse": …}' }],
      };
    }
    return { metrics, findings: metrics.flatMap(describe) };
  },
};

/** What the labels alone decide is measured on every row even of a sample. */
const EXACT: ReadonlySet<string> = new Set(['n', 'labelMean', 'labelStd', 'labelSampleStd']);

/** A sample cannot give the metric of all rows, only say where it lies: there the claim must be. */
function judgeByInterval(
  comparison: MetricComparison,
  intervals: NonNullable<Measurement['intervals']>,
): MetricComparison {
  const { metric, expected, tolerance } = comparison;
  if (metric === undefined || EXACT.has(metric)) return comparison;
  const interval = intervals[metric as keyof typeof intervals];
  if (interval === undefined) return { ...comparison, status: 'not-verified' };
  const [low, high] = interval;
  const within = expected >= low - tolerance && expected <= high + tolerance;
  return { ...comparison, interval: [low, high], status: within ? 'pass' : 'fail' };
}

function describeEstimate(comparison: MetricComparison): RuleFinding[] {
  const { key, metric, expected, interval, status } = comparison;
  if (interval === undefined && metric !== undefined && status === 'not-verified') {
    return [{ path: PATH, severity: 'warning', message: `${key} cannot be told from a sample` }];
  }
  if (interval === undefined || status === 'pass') return describe(comparison);
  return [
    {
      path: PATH,
      severity: 'warning',
      message: `${key} is ${expected}; by the sample it lies between ${interval[0]} and ${interval[1]}`,
      hint: 'one in a hundred such intervals misses: verify all rows to know',
    },
  ];
}

function describe({ key, expected, actual, difference, tolerance, status }: MetricComparison): RuleFinding[] {
  if (status === 'not-verified') {
    return [
      { path: PATH, severity: 'warning', message: `${key} is not a metric that Hubwright can measure again` },
    ];
  }
  if (status === 'pass') return [];
  const found =
    actual === null
      ? 'no value: its scores leave it without meaning'
      : `${actual}, off by ${difference?.toExponential(1)}`;
  return [
    {
      path: PATH,
      message: `${key} is ${expected}; inference gives ${found} (allowed: ${tolerance.toExponential(1)})`,
    },
  ];
}
