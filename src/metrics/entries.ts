import { HubwrightError } from '../errors.ts';
import { isRunKey, resolveMetricKey, splitKeyWords } from './aliases.ts';
import { listAcceptedMetrics, type MetricId } from './metric-id.ts';

/** One number of a metrics file. */
export interface MetricEntry {
  /** The path joined by dots, as a report prints it. */
  readonly key: string;
  readonly path: readonly string[];
  /** Undefined when nothing measured corresponds to the key: it cannot be verified. */
  readonly metric: MetricId | undefined;
  /** Measured metrics of which any one may equal `value` (a `std` does not say its ddof); empty without `metric`. */
  readonly accepts: readonly MetricId[];
  readonly value: number;
  /** True for times, speeds, epochs and losses: nobody expects them to be verified. */
  readonly ignored: boolean;
}

/** Metrics files nest by split, then by subject; deeper than this is something else, or an attack on the stack. */
const MAX_DEPTH = 8;

/**
 * Lists every number of a parsed `test_metrics.json` in document order, with the metric that each one claims to be.
 * Arrays, strings and booleans are no metrics and are left out.
 *
 * Trainer prints `eval_*` for any split it evaluates. A file that holds `test_*` keys too means another split by
 * `eval_*`, so those stay unverified there.
 *
 * @throws HubwrightError `INPUT_INVALID` when the document is not an object, or nests deeper than 8 levels.
 */
export function listMetricEntries(json: unknown): MetricEntry[] {
  if (!isRecord(json)) {
    throw new HubwrightError('INPUT_INVALID', `metrics are ${describeKind(json)}, expected a JSON object`, {
      hint: 'write them as {"mse": 0.02, "mae": 0.11}',
    });
  }
  const numbers = [...walkNumbers(json, [])];
  const hasTestScope = numbers.some(({ path }) => isTestScoped(path) && resolveMetricKey(path));
  return numbers.map(({ path, value }) => {
    const otherSplit = hasTestScope && !isTestScoped(path) && splitKeyWords(path).some(isEvalWord);
    const metric = otherSplit ? undefined : resolveMetricKey(path);
    const accepts = metric === undefined ? [] : listAcceptedMetrics(metric);
    return { key: path.join('.'), path, metric, accepts, value, ignored: isRunKey(path) };
  });
}

function* walkNumbers(
  node: Readonly<Record<string, unknown>>,
  parents: readonly string[],
): Generator<{ path: readonly string[]; value: number }> {
  if (parents.length >= MAX_DEPTH) {
    const where = parents.join('.').slice(0, 100);
    throw new HubwrightError('INPUT_INVALID', `metrics nest deeper than ${MAX_DEPTH} levels, at ${where}`, {
      hint: 'keep only the metrics of the test set in this file',
    });
  }
  for (const [key, value] of Object.entries(node)) {
    const path = [...parents, key];
    if (typeof value === 'number') yield { path, value };
    else if (isRecord(value)) yield* walkNumbers(value, path);
  }
}

function isTestScoped(path: readonly string[]): boolean {
  return splitKeyWords(path).some((word) => word === 'test' || word === 'testing');
}

function isEvalWord(word: string): boolean {
  return word === 'eval' || word === 'evaluation';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeKind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
