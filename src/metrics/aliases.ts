import type { MetricId } from './metric-id.ts';

type Subject = 'label' | 'prediction';
type Statistic = 'Mean' | 'Std';

/** Words that say where a number comes from, not what it is. `train` and `val` are absent: those are other splits. */
const SCOPE_WORDS: ReadonlySet<string> = new Set([
  ...['test', 'testing', 'eval', 'evaluation', 'predict'],
  ...['metric', 'metrics', 'result', 'results', 'regression', 'overall', 'value'],
]);

/** Keys that cost, configure or place a run. `loss` is among them: training scales it, so it is not the MSE. */
const RUN_WORDS: ReadonlySet<string> = new Set([
  ...['runtime', 'time', 'second', 'seconds', 'epoch', 'epochs', 'step', 'steps', 'loss'],
  ...['flos', 'flops', 'memory', 'seed', 'lr'],
]);

const NAMES: Partial<Record<MetricId, readonly string[]>> = {
  n: [
    ...['n', 'count', 'size', 'total', 'samples', 'examples', 'rows', 'numsamples', 'numexamples', 'numrows'],
    ...['nsamples', 'nexamples', 'nrows', 'samplecount', 'examplecount', 'rowcount', 'num', 'support'],
    ...['numberofsamples', 'numberofexamples', 'numberofrows', 'totalsamples', 'totalexamples', 'setsize'],
  ],
  mse: ['mse', 'meansquarederror', 'meansquareerror'],
  rmse: ['rmse', 'rootmeansquarederror', 'rootmeansquareerror'],
  mae: ['mae', 'meanabsoluteerror'],
  medianAbsoluteError: ['medae', 'medianae', 'medianabsoluteerror'],
  maxError: ['maxerror', 'maxae', 'maxabserror', 'maxabsoluteerror', 'maximumerror', 'maximumabsoluteerror'],
  r2: ['r2', 'rsquared', 'rsquare', 'rsq', 'r2score', 'coefficientofdetermination'],
  explainedVariance: ['explainedvariance', 'explainedvariancescore', 'expvar', 'explainedvar'],
  pearson: ['pearson', 'pearsonr'],
  spearman: ['spearman', 'spearmanr', 'spearmanrho'],
  bias: ['bias'],
};

const CORRELATION_ENDINGS = [
  '',
  'corr',
  'correlation',
  'coef',
  'coefficient',
  'correlationcoefficient',
  'statistic',
];

const SUBJECTS: Readonly<Record<Subject, readonly string[]>> = {
  label: [
    ...['label', 'labels', 'target', 'targets', 'groundtruth', 'gt', 'true', 'truth', 'ytrue', 'truelabel'],
    ...['truelabels', 'truescore', 'truescores', 'truevalues', 'actual', 'actuals', 'reference', 'gold'],
  ],
  prediction: [
    ...[
      'prediction',
      'predictions',
      'pred',
      'preds',
      'predicted',
      'ypred',
      'predictedscore',
      'predictedscores',
    ],
    ...['predscore', 'predscores'],
  ],
};

const STATISTICS: Readonly<Record<Statistic, readonly string[]>> = {
  Mean: ['mean', 'avg', 'average'],
  Std: ['std', 'stdev', 'stddev', 'sd', 'standarddeviation'],
};

const METRIC_BY_NAME = indexNames();

/**
 * Finds which metric a key of a `test_metrics.json` names: `['test_mse']`, `['metrics', 'R²']` and
 * `['ground_truth', 'std']` are `mse`, `r2` and `labelStd`. Case, separators and words such as `test` do not matter.
 *
 * @param path the keys from the root of the document to the number.
 * @returns undefined for a name that is unknown or could mean two things (`correlation`).
 */
export function resolveMetricKey(path: readonly string[]): MetricId | undefined {
  const words = splitKeyWords(path).filter((word) => !SCOPE_WORDS.has(word));
  return METRIC_BY_NAME.get(words.join(''));
}

/** True for a key that no test set can confirm: times, speeds, epochs and losses. */
export function isRunKey(path: readonly string[]): boolean {
  const words = splitKeyWords(path);
  return words.some((word) => RUN_WORDS.has(word)) && resolveMetricKey(path) === undefined;
}

/** The lower-case words of a key path, cut at separators, camel humps and levels; `R²` and `R^2` are one word. */
export function splitKeyWords(path: readonly string[]): string[] {
  return path.flatMap((key) =>
    key
      .normalize('NFKC')
      .replaceAll('^', '')
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== ''),
  );
}

function indexNames(): ReadonlyMap<string, MetricId> {
  const index = new Map<string, MetricId>();
  for (const [metric, names] of Object.entries(NAMES) as [MetricId, readonly string[]][]) {
    const endings = metric === 'pearson' || metric === 'spearman' ? CORRELATION_ENDINGS : [''];
    for (const name of names) for (const ending of endings) index.set(name + ending, metric);
  }
  for (const subject of ['label', 'prediction'] as const) {
    for (const statistic of ['Mean', 'Std'] as const) {
      for (const name of SUBJECTS[subject]) {
        for (const word of STATISTICS[statistic]) {
          index.set(name + word, `${subject}${statistic}`);
          index.set(word + name, `${subject}${statistic}`);
        }
      }
    }
  }
  return index;
}
