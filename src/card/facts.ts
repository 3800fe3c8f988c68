import { join } from 'node:path';
import { CONFIG_FILE, type Config, loadConfig } from '../config.ts';
import type { VariantLoss } from '../export/variants/loss.ts';
import { readLosses } from '../export/variants/loss-file.ts';
import {
  binByPrediction,
  type CalibrationBin,
  measureCalibrationError,
} from '../metrics/calibration-bins.ts';
import { measureRegression, type RegressionMetrics } from '../metrics/regression.ts';
import { chooseTolerance, type Tolerance } from '../metrics/tolerance.ts';
import { listPictures, type ShownPicture } from '../plot/pictures.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES } from '../splits.ts';
import { findBaseLicense } from './base-licenses.ts';
import { type CardFactsFile, digestSources, readCardFactsFile } from './card-facts-file.ts';
import { type Example, type Examples, listExampleCandidates, listRows, pickExamples } from './examples.ts';
import { type BundleFile, listFiles } from './file-list.ts';
import { type ModelFacts, readModelFacts, readOptionalJson } from './model-facts.ts';
import { listShownMetrics, measureSpread, type ShownMetric, type Spread } from './score-facts.ts';
import { type Slice, sliceByLabel, sliceByLength } from './slices.ts';
import { readSplitFacts, type SplitFacts } from './split-facts.ts';
import { titleFromName } from './title.ts';
import {
  type Hyperparameter,
  listAllArguments,
  listHyperparameters,
  readTrainingRun,
  type TrainingRun,
} from './training-facts.ts';

/** What a bundle's files say about the model: the card's only source. Undefined is what they do not say. */
export interface CardFacts {
  readonly config: Config;
  readonly title: string;
  /** The config's, or else the base model's. */
  readonly license: string | undefined;
  readonly model: ModelFacts;
  readonly testRows: number;
  readonly measured: RegressionMetrics;
  readonly metrics: readonly ShownMetric[];
  readonly trueScores: Spread;
  readonly predictedScores: Spread;
  readonly calibration: { readonly bins: readonly CalibrationBin[]; readonly error: number };
  readonly slices: { readonly byLength: readonly Slice[]; readonly byLabel: readonly Slice[] };
  readonly examples: Examples | undefined;
  readonly splits: readonly SplitFacts[];
  /** What was measured with the model and the tokenizer; undefined when it was not, or of other files. */
  readonly known: CardFactsFile | undefined;
  readonly hyperparameters: readonly Hyperparameter[];
  readonly allArguments: readonly Hyperparameter[];
  readonly run: TrainingRun;
  readonly pictures: readonly ShownPicture[];
  readonly files: readonly BundleFile[];
  /** What each ONNX variant loses against model.onnx; empty where nobody recorded it. */
  readonly losses: readonly VariantLoss[];
  /** How exactly the metrics must come out. */
  readonly tolerance: Tolerance;
}

/**
 * Reads a bundle folder. README.md, the lock and the report are not looked at, so a card can be made before they are
 * and again afterwards with the same result.
 *
 * @param listed the repository's files, where the folder holds only some of them
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID when a file that every bundle has is absent or broken.
 */
export async function collectCardFacts(
  dir: string,
  listed?: readonly { readonly path: string; readonly bytes: number }[],
): Promise<CardFacts> {
  const config = await loadConfig(join(dir, CONFIG_FILE));
  const files = await listFiles(dir, listed);
  const known = await readCardFactsFile(dir, await digestSources(dir, files, config));
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  const splits = await readSplitFacts(dir, files, known, config);
  const training = await readOptionalJson(dir, files, 'training_results.json');
  const args = await readOptionalJson(dir, files, 'training_args.json');
  const title = config.title ?? titleFromName(config.name ?? config.repo?.split('/')[1] ?? 'Reward Model');
  const { labels } = test;
  const measured = measureRegression(labels, predictions);
  const bins = binByPrediction(labels, predictions);
  // Scores behind a sigmoid have a range of their own; others have that of the test labels.
  const range =
    config.head.activation === 'sigmoid'
      ? ([0, 1] as const)
      : ([measured.labelMin, measured.labelMax] as const);
  return {
    config,
    title,
    license: config.license ?? findBaseLicense(config.baseModel),
    model: await readModelFacts(dir, files, known, config),
    testRows: measured.n,
    measured,
    metrics: listShownMetrics({
      labels,
      predictions,
      measured,
      claimed: await readOptionalJson(dir, files, 'test_metrics.json'),
      training,
      trainMean: splits.find(({ name }) => name === 'Train')?.labelMean,
    }),
    trueScores: measureSpread(labels, measured.labelMean, measured.labelStd),
    predictedScores: measureSpread(predictions, measured.predictionMean, measured.predictionStd),
    calibration: { bins, error: measureCalibrationError(bins) },
    slices: {
      byLength: sliceByLength(labels, predictions, known?.testTokens ?? []),
      byLabel: sliceByLabel(labels, predictions, range),
    },
    examples: chooseExamples(listRows(test, predictions), known),
    splits,
    known,
    hyperparameters: listHyperparameters(args),
    allArguments: listAllArguments(args),
    run: readTrainingRun(training),
    pictures: listPictures(config.name, {
      labels,
      predictions,
      title,
      labelName: config.input.label,
    }).filter(({ png }) => files.some(({ path }) => path === png)),
    files,
    losses: await readLosses(dir),
    tolerance: chooseTolerance(config, args),
  };
}

/** The rows that were scored by the bundle's own model; or else, by what the run recorded for them. */
function chooseExamples(rows: readonly Example[], known: CardFactsFile | undefined): Examples | undefined {
  const scored = (known?.examples ?? []).flatMap(({ row, score }) => {
    const example = rows[row];
    return example === undefined ? [] : [[{ ...example, prediction: score }]];
  });
  return pickExamples(scored.length === 3 ? scored : listExampleCandidates(rows));
}
