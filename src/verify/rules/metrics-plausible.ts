import type { MetricEntry } from '../../metrics/entries.ts';
import type { MetricId } from '../../metrics/metric-id.ts';
import { halfLastDecimal } from '../../metrics/tolerance.ts';
import type { Rule } from '../rule.ts';

/** Ranges that a metric cannot leave, whatever the data. */
const RANGES: Partial<Record<MetricId, readonly [number, number]>> = {
  n: [1, Number.POSITIVE_INFINITY],
  mse: [0, Number.POSITIVE_INFINITY],
  rmse: [0, Number.POSITIVE_INFINITY],
  mae: [0, Number.POSITIVE_INFINITY],
  medianAbsoluteError: [0, Number.POSITIVE_INFINITY],
  maxError: [0, Number.POSITIVE_INFINITY],
  r2: [Number.NEGATIVE_INFINITY, 1],
  explainedVariance: [Number.NEGATIVE_INFINITY, 1],
  pearson: [-1, 1],
  spearman: [-1, 1],
  kendall: [-1, 1],
  concordance: [-1, 1],
  pairwiseAccuracy: [0, 1],
  labelStd: [0, Number.POSITIVE_INFINITY],
  predictionStd: [0, Number.POSITIVE_INFINITY],
};
/** What rounding to float32 on the way may move. */
const NOISE = 1e-5;

export const metricsPlausible: Rule = {
  code: 'metrics-plausible',
  title: 'the claimed metrics can all be true at once',
  group: 'metrics',
  severity: 'error',
  explanation:
    "The numbers of `test_metrics.json` are possible: RMSE is the root of MSE; MAE is at most RMSE, which is at most the largest error; correlations lie in [−1, 1] and R² below 1; and R² is at most the square of Pearson's r. No data and no model are needed to see that otherwise one of them is wrong.",
  fix: 'compute the metrics again, all from the same scores',
  cheap: true,
  needs: ['json-strict'],
  async check({ claims }) {
    const entries = (await claims()).filter(({ metric, ignored }) => metric !== undefined && !ignored);
    const messages = [...judgeRanges(entries), ...judgeRelations(entries)];
    return { findings: messages.map((message) => ({ path: 'test_metrics.json', message })) };
  },
};

function* judgeRanges(entries: readonly MetricEntry[]): Generator<string> {
  for (const { key, metric, value } of entries) {
    const [least, most] = RANGES[metric as MetricId] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    if (value < least || value > most) {
      const range =
        most === Number.POSITIVE_INFINITY
          ? `at least ${least}`
          : least === Number.NEGATIVE_INFINITY
            ? `at most ${most}`
            : `from ${least} to ${most}`;
      yield `${key} is ${value}; it can only be ${range}`;
    }
  }
}

function* judgeRelations(entries: readonly MetricEntry[]): Generator<string> {
  const find = (metric: MetricId) => entries.find((entry) => entry.metric === metric);
  const [mse, rmse, mae, most] = [find('mse'), find('rmse'), find('mae'), find('maxError')];
  const [r2, pearson] = [find('r2'), find('pearson')];
  if (mse && rmse && mse.value >= 0) {
    // Half a decimal of the MSE, as it moves the root; of the RMSE as it is.
    const slack =
      halfLastDecimal(mse.value) / (2 * Math.max(rmse.value, 1e-12)) +
      halfLastDecimal(rmse.value) +
      NOISE * rmse.value;
    if (Math.abs(Math.sqrt(mse.value) - rmse.value) > slack) {
      yield `${rmse.key} is ${rmse.value}, and the root of ${mse.key} is ${Number(Math.sqrt(mse.value).toPrecision(8))}`;
    }
  }
  if (mae && rmse && isAbove(mae, rmse))
    yield `${mae.key} is ${mae.value}, above ${rmse.key}, which is ${rmse.value}`;
  if (rmse && most && isAbove(rmse, most))
    yield `${rmse.key} is ${rmse.value}, above ${most.key}, which is ${most.value}`;
  if (r2 && pearson) {
    const slack = halfLastDecimal(r2.value) + 2 * halfLastDecimal(pearson.value) + NOISE;
    if (r2.value > pearson.value ** 2 + slack) {
      yield `${r2.key} is ${r2.value}, above the square of ${pearson.key}, ${Number((pearson.value ** 2).toPrecision(6))}`;
    }
  }
}

function isAbove(a: MetricEntry, b: MetricEntry): boolean {
  return a.value > b.value * (1 + NOISE) + halfLastDecimal(a.value) + halfLastDecimal(b.value);
}
