import type { Config } from '../config.ts';
import type { DeviceChoice } from '../inference/device.ts';
import { type CachePlace, type Scores, scoreTexts } from '../inference/index.ts';
import type { ScoreProgress } from '../inference/progress.ts';
import { estimateIntervals, type Interval } from '../metrics/bootstrap.ts';
import type { MetricId } from '../metrics/metric-id.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import type { StageOptions } from '../progress.ts';
import type { ScannedSplit } from '../splits.ts';
import type { VerificationReport } from '../verification.ts';
import { chooseRows, type SampleRequest } from './sample.ts';

/** The test split as inference saw it. */
export interface Measurement extends Scores {
  readonly test: ScannedSplit;
  /** The rows that were scored, ascending, counted from 0; undefined for all. */
  readonly rows: Uint32Array | undefined;
  readonly metrics: RegressionMetrics;
  /** Of a sample: where the metrics of all rows lie; none for a metric that a sample says nothing about. */
  readonly intervals: Partial<Record<MetricId, Interval>> | undefined;
}

export interface MeasureOptions extends StageOptions, DeviceChoice {
  readonly sample?: SampleRequest | undefined;
  /** Scores of all rows that were computed elsewhere, instead of running the model. */
  readonly scores?: (() => Promise<Scores>) | undefined;
  /** See `ScoreOptions`. */
  readonly decompose?: (() => Promise<Uint8Array | undefined>) | undefined;
}

/** Scores the test split, or a sample of it, and measures it against its labels. */
export async function measureSplit(
  dir: string,
  config: Config,
  test: ScannedSplit,
  cache: CachePlace | undefined,
  options: MeasureOptions,
): Promise<Measurement> {
  const { sample } = options;
  const score = (texts: ScannedSplit['readTexts']) =>
    scoreTexts(dir, texts, {
      ...toScoreOptions(options),
      ...chooseDevice(options),
      ...textOptions(config),
      decompose: options.decompose,
      cache,
    });
  if (sample === undefined) {
    const scores = await (options.scores?.() ?? score(test.readTexts));
    const metrics = measureRegression(test.labels, scores.scores);
    return { ...scores, test, rows: undefined, metrics, intervals: undefined };
  }
  const rows = chooseRows(test.labels.length, sample);
  const scores = await score((take) => readSome(test, rows, take));
  const labels = Float64Array.from(rows, (row) => test.labels[row] ?? Number.NaN);
  const { n, labelMean, labelStd, labelSampleStd } = measureRegression(test.labels, test.labels);
  return {
    ...scores,
    test,
    rows,
    // What the labels alone decide is known of all rows.
    metrics: { ...measureRegression(labels, scores.scores), n, labelMean, labelStd, labelSampleStd },
    intervals: estimateIntervals(labels, scores.scores, sample.seed),
  };
}

/**
 * Scores the rows of a measurement with another graph of the bundle, on the CPU.
 *
 * @param graph relative to the bundle
 */
export async function scoreAlike(
  dir: string,
  config: Config,
  { test, rows }: Pick<Measurement, 'test' | 'rows'>,
  graph: string,
  cache: CachePlace | undefined,
  options: StageOptions,
): Promise<Float64Array> {
  const texts: ScannedSplit['readTexts'] =
    rows === undefined ? test.readTexts : (take) => readSome(test, rows, take);
  const unit = `rows of ${graph}`;
  const { scores } = await scoreTexts(dir, texts, {
    ...toScoreOptions(options, unit),
    ...textOptions(config),
    graph,
    cache,
  });
  return scores;
}

function textOptions({ input, head }: Config) {
  return { maxLength: input.maxLength, activation: head.activation };
}

function toScoreOptions({ onProgress, signal }: StageOptions, unit = 'rows') {
  return {
    onAdvance: (progress: ScoreProgress) =>
      onProgress?.({ kind: 'advance', stage: 'verify', unit, ...progress }),
    signal,
  };
}

/** The options of a stage as inference takes them. */
export function chooseDevice({
  device,
  requireGpu,
  tf32,
  mappedWeights,
  onProgress,
}: DeviceChoice & StageOptions) {
  const onNote = (message: string) => onProgress?.({ kind: 'note', message });
  return { device, requireGpu, tf32, mappedWeights, onNote };
}

/** What computed the scores, as a report says it. */
export function describeEnvironment({
  runtimeVersion,
  executionProvider,
  conditions,
}: Pick<Scores, 'runtimeVersion' | 'executionProvider' | 'conditions'>): VerificationReport['environment'] {
  return { onnxruntime: runtimeVersion, executionProvider, ...conditions };
}

async function readSome(test: ScannedSplit, rows: Uint32Array, take: (text: string) => void): Promise<void> {
  let row = 0;
  let next = 0;
  await test.readTexts((text) => {
    if (row === rows[next]) {
      take(text);
      next += 1;
    }
    row += 1;
  });
}
