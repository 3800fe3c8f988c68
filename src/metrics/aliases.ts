import type { MetricId } from './metric-id.ts';

type Subject = 'label' | 'prediction';
type Statistic = 'Mean' | 'Std' | 'Min' | 'Max';

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
  medianAbsoluteError: ['medae', 'mdae', 'medianae', 'medianabserror', 'medianabsoluteerror'],
  maxError: ['maxerror', 'maxae', 'maxabserror', 'maxabsoluteerror', 'maximumerror', 'maximumabsoluteerror'],
  within005: nameShares('005'),
  within01: [...nameShares('01'), ...nameShares('010')],
  r2: ['r2', 'rsquared', 'rsquare', 'rsq', 'r2score', 'coefficientofdetermination'],
  explainedVariance: ['explainedvariance', 'explainedvariancescore', 'expvar', 'explainedvar'],
  pearson: ['pearson', 'pearsonr'],
  spearman: ['spearman', 'spearmanr', 'spearmanrho', 'rankcorr', 'rankcorrelation'],
  kendall: ['kendall', 'kendalls', 'kendalltau', 'kendallstau', 'kendalltaub', 'kendallstaub', 'tau', 'taub'],
  concordance: [
    ...['ccc', 'linccc', 'linsccc', 'concordance', 'concordancecorr', 'concordancecorrcoef'],
    ...[
      'concordancecorrelation',
      'concordancecorrelationcoefficient',
      'linsconcordancecorrelationcoefficient',
    ],
    ...['linsconcordance', 'linconcordance'],
  ],
  pairwiseAccuracy: [
    ...[
      'pairwiseaccuracy',
      'pairwiseacc',
      'pairaccuracy',
      'pairacc',
      'rankingaccuracy',
      'pairwiserankingaccuracy',
    ],
    ...['cindex', 'concordanceindex', 'harrellc', 'harrellscindex', 'orderedpairs'],
  ],
  bias: ['bias', 'meanbias', 'meanbiaserror', 'mbe'],
  calibrationSlope: ['calibrationslope', 'calslope'],
  calibrationIntercept: ['calibrationintercept', 'calintercept'],
};

/** `within_0.05`, `fraction_within_0.05`, `acc@0.05`: the limit's dot is a separator like any other. */
function nameShares(limit: string): string[] {
  const words = ['', 'share', 'fraction', 'proportion', 'ratio', 'accuracy', 'acc'];
  const forms = words.map((word) => `${word}within${limit}`);
  return [...forms, `within${limit}share`, `within${limit}accuracy`, `acc${limit}`, `accuracy${limit}`];
}

const CORRELATIONS: ReadonlySet<MetricId> = new Set(['pearson', 'spearman', 'kendall']);

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
  Min: ['min', 'minimum'],
  Max: ['max', 'maximum'],
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
    const endings = CORRELATIONS.has(metric) ? CORRELATION_ENDINGS : [''];
    for (const name of names) for (const ending of endings) index.set(name + ending, metric);
  }
  for (const subject of ['label', 'prediction'] as const) {
    for (const statistic of ['Mean', 'Std', 'Min', 'Max'] as const) {
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
