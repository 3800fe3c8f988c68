import { join } from 'node:path';
import { CONFIG_FILE, type Config, loadConfig } from '../config.ts';
import { measureRegression } from '../metrics/regression.ts';
import { listPictures, type ShownPicture } from '../plot/pictures.ts';
import { PREDICTIONS_FILE, readPredictions, readSplit, SPLIT_FILES, type Split } from '../splits.ts';
import { type Example, type Examples, pickExamples } from './examples.ts';
import { type BundleFile, listFiles } from './file-list.ts';
import { type ModelFacts, readModelFacts, readOptionalJson } from './model-facts.ts';
import { listShownMetrics, measureSpread, type ShownMetric, type Spread } from './score-facts.ts';
import { readSplitFacts, type SplitFacts } from './split-facts.ts';
import { titleFromName } from './title.ts';
import { type Hyperparameter, listHyperparameters, readEpochs } from './training-facts.ts';

/** What a bundle's files say about the model: the card's only source. Undefined is what they do not say. */
export interface CardFacts {
  readonly config: Config;
  readonly title: string;
  readonly model: ModelFacts;
  readonly testRows: number;
  readonly metrics: readonly ShownMetric[];
  readonly trueScores: Spread;
  readonly predictedScores: Spread;
  readonly examples: Examples | undefined;
  readonly splits: readonly SplitFacts[];
  readonly hyperparameters: readonly Hyperparameter[];
  readonly epochs: number | undefined;
  readonly pictures: readonly ShownPicture[];
  readonly files: readonly BundleFile[];
}

/**
 * Reads a bundle folder. README.md, the lock and the report are not looked at, so a card can be made before they are
 * and again afterwards with the same result.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID when a file that every bundle has is absent or broken.
 */
export async function collectCardFacts(dir: string): Promise<CardFacts> {
  const config = await loadConfig(join(dir, CONFIG_FILE));
  const files = await listFiles(dir);
  const test = await readSplit(join(dir, SPLIT_FILES.test), config);
  const predictions = await readPredictions(join(dir, PREDICTIONS_FILE), test, config);
  const splits = await readSplitFacts(dir, files, test, config);
  const training = await readOptionalJson(dir, files, 'training_results.json');
  const title = config.title ?? titleFromName(config.name ?? config.repo?.split('/')[1] ?? 'Reward Model');
  const measured = measureRegression(test.labels, predictions);
  return {
    config,
    title,
    model: await readModelFacts(dir, files),
    testRows: measured.n,
    metrics: listShownMetrics({
      labels: test.labels,
      predictions,
      claimed: await readOptionalJson(dir, files, 'test_metrics.json'),
      training,
      trainMean: splits.find(({ name }) => name === 'Train')?.labelMean,
    }),
    trueScores: measureSpread(test.labels, measured.labelMean, measured.labelStd),
    predictedScores: measureSpread(predictions, measured.predictionMean, measured.predictionStd),
    examples: pickExamples(listRows(test, predictions)),
    splits,
    hyperparameters: listHyperparameters(await readOptionalJson(dir, files, 'training_args.json')),
    epochs: readEpochs(training),
    pictures: listPictures(config.name, {
      labels: test.labels,
      predictions,
      title,
      labelName: config.input.label,
    }).filter(({ png, darkPng }) => [png, darkPng].every((name) => files.some(({ path }) => path === name))),
    files,
  };
}

function listRows(test: Split, predictions: Float64Array): Example[] {
  return test.table.rows.map(({ cells }, i) => ({
    cells,
    text: test.texts[i] ?? '',
    label: test.labels[i] ?? Number.NaN,
    prediction: predictions[i] ?? Number.NaN,
  }));
}
