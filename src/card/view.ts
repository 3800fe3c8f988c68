import { lookUpArchitecture } from '../architectures/index.ts';
import type { VariantLoss } from '../export/variants/loss.ts';
import { VARIANTS, variantDataFile, variantDtype, variantFile } from '../export/variants/names.ts';
import { listTemplateColumns } from '../inference/template.ts';
import { measureSkill } from '../metrics/baseline.ts';
import { countResamples } from '../metrics/bootstrap.ts';
import { relativeTolerance, rowTolerance, type Tolerance } from '../metrics/tolerance.ts';
import { formatCount } from '../plot/number-text.ts';
import { SPLIT_FILES } from '../splits.ts';
import type { CardFacts } from './facts.ts';
import { writeJavaScriptText, writePythonText, writeTextLiteral } from './input-text.ts';
import { joinWords } from './markdown.ts';
import { formatDuration, formatFixed, formatParameters, formatShare } from './number-text.ts';
import { explainMissing, type ShownMetric } from './score-facts.ts';

/** The facts as the templates read them. Its text is raw: each place escapes it by its own helper. */
export function makeView(facts: CardFacts) {
  const { config, files, metrics, splits, known, model } = facts;
  const has = (name: string) => files.some(({ path }) => path === name);
  const { summary, score, data, training, intendedUse, limitations, citation } = config.card;
  const { calibrationSlope: slope, calibrationIntercept: intercept, mae } = facts.measured;
  const weightFiles = files.map(({ path }) => path).filter((path) => /^model(-.+)?\.safetensors$/.test(path));
  const graphFiles =
    config.onnx.file === undefined ? weightFiles : ['model.onnx_data'].filter((path) => has(path));
  return {
    ...facts,
    repo: config.repo,
    tag: config.publish.tag,
    baseModel: config.baseModel,
    input: config.input,
    labelName: config.input.label,
    columns: listTemplateColumns(config.input.template),
    languages: config.language === undefined ? undefined : joinWords(config.language.map(nameLanguage)),
    prose: { summary, score, data, training, intendedUse, limitations, citation },
    headline: listHeadline(facts),
    isSigmoid: config.head.activation === 'sigmoid',
    hasOnnx: has('model.onnx') && has('tokenizer.json'),
    hasTrainingArgs: has('training_args.bin'),
    hasTestMetrics: has('test_metrics.json'),
    hasBaseline: metrics.some(({ baseline }) => baseline !== undefined),
    hasEval: metrics.some((metric) => metric.eval !== undefined),
    mainMetrics: metrics.filter(({ type }) => type !== undefined),
    moreMetrics: metrics.filter(({ type }) => type === undefined),
    missingMetrics: explainMissing(metrics, facts.measured),
    resamples: countResamples(facts.testRows),
    trainMean: splits.find(({ name }) => name === 'Train')?.labelMean,
    gain: measureGain(metrics),
    calibrationLine: slope === null || intercept === null ? undefined : { slope, intercept },
    typicalError: mae,
    hasSlices: facts.slices.byLabel.length + facts.slices.byLength.length > 0,
    ...placePictures(facts),
    exampleRows: listExamples(facts),
    snippet: writeSnippet(facts),
    hasOwnGraph: config.onnx.file !== undefined,
    // Undefined where the graph holds its weights itself.
    graphWords: nameWeights(graphFiles, (path) => `\`${path}\``),
    graphComment: nameWeights(graphFiles, (path) => path),
    onnxFiles: ['model.onnx', ...graphFiles, 'tokenizer*.json']
      .map((path) => JSON.stringify(path))
      .join(', '),
    onnxVariants: listOnnxVariants(files),
    lossRows: listLossRows(facts, ['model.onnx', ...graphFiles]),
    headWeight: model.weights?.head,
    poolingWords: describePooling(facts),
    architectureLines: drawArchitecture(facts),
    needs: nameTransformers(model.modelType),
    hasTokens: splits.some(({ measured }) => measured !== undefined),
    isCountedInPart: splits.find(
      ({ measured, rows }) => measured !== undefined && measured.tokens.counted < rows,
    )?.measured?.tokens.counted,
    totalRows: splits.reduce((sum, { rows }) => sum + rows, 0),
    overlapLines: describeOverlaps(facts),
    hasTraining: training !== undefined || facts.hyperparameters.length > 0 || facts.run.epochs !== undefined,
    runLine: describeRun(facts),
    notRead: known?.trainingArgs?.notRead.length ? known.trainingArgs.notRead : undefined,
    withheld: known?.trainingArgs?.withheld.length ? joinWords(known.trainingArgs.withheld) : undefined,
    tolerance: describeTolerance(facts.tolerance),
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** `English` for `en`; a code that nobody named stays itself. */
function nameLanguage(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

function listHeadline({ config, license, metrics, model, testRows }: CardFacts): string[] {
  const rmse = metrics.find(({ id }) => id === 'rmse');
  const baseline = rmse?.baseline === undefined ? '' : ` (mean baseline: ${formatFixed(rmse.baseline, 4)})`;
  const { baseModel } = config;
  return [
    ...(baseModel === undefined
      ? []
      : [`fine-tuned from [${baseModel}](https://huggingface.co/${baseModel})`]),
    ...(model.weights === undefined ? [] : [`${formatParameters(model.weights.parameters)} parameters`]),
    ...(rmse?.test == null
      ? []
      : [`RMSE **${formatFixed(rmse.test, 4)}** on ${formatCount(testRows)} test rows${baseline}`]),
    ...(license === undefined ? [] : [license]),
  ];
}

/** The share of the baseline's squared error that the model does away with; undefined when it does not. */
function measureGain(metrics: readonly ShownMetric[]): number | undefined {
  const mse = metrics.find(({ id }) => id === 'mse');
  if (mse?.test == null || mse.baseline === undefined) return undefined;
  const gain = measureSkill({ mse: mse.test }, { mse: mse.baseline });
  return gain !== null && gain > 0 ? gain : undefined;
}

function placePictures({ pictures, files }: CardFacts) {
  const find = (suffix: string) => {
    const picture = pictures.find(({ png }) => png.endsWith(`_${suffix}.png`));
    if (picture === undefined) return undefined;
    return { ...picture, hasDark: files.some(({ path }) => path === picture.darkPng) };
  };
  return {
    scatter: find('predictions_scatter'),
    residuals: find('residuals'),
    calibrationPicture: find('calibration'),
  };
}

function listExamples({ examples }: CardFacts) {
  return examples === undefined ? [] : [examples.high, examples.middle, examples.low];
}

function writeSnippet(facts: CardFacts) {
  const { input } = facts.config;
  const shown = listExamples(facts);
  const [first] = shown;
  return {
    python: first && writePythonText(input.template, first).join('\n'),
    javascript: first && writeJavaScriptText(input.template, first).join('\n'),
    expected: first && formatFixed(first.prediction, 3),
    // The first one is `text` already.
    batch: first && ['text', ...shown.slice(1).map(writeTextLiteral)],
    expectedBatch: shown.map(({ prediction }) => formatFixed(prediction, 3)).join(' '),
  };
}

/** Standalone graphs, with the name by which transformers.js loads those that Hubwright writes. */
function listOnnxVariants(files: CardFacts['files']) {
  const known = new Map(VARIANTS.map((variant) => [variantFile(variant), variantDtype(variant)]));
  return files
    .filter(({ path }) => /^onnx\/.+\.onnx$/.test(path))
    .map(({ path }) => ({ path, dtype: known.get(path) }));
}

/** What is lost by each variant, behind a row for model.onnx itself. */
function listLossRows({ losses, files }: CardFacts, modelFiles: readonly string[]) {
  const [first] = losses;
  if (first === undefined) return [];
  const sizeOf = (paths: readonly string[]) =>
    files.filter(({ path }) => paths.includes(path)).reduce((sum, { bytes }) => sum + bytes, 0);
  const pick = ({ metrics }: VariantLoss, metric: string, of: 'model' | 'variant') =>
    metrics.find((one) => one.metric === metric)?.[of];
  return [
    {
      path: 'model.onnx',
      bytes: sizeOf(modelFiles),
      mse: pick(first, 'mse', 'model'),
      mae: pick(first, 'mae', 'model'),
      r2: null,
      maxDifference: null,
    },
    ...losses.map((loss) => ({
      path: loss.file,
      bytes: sizeOf([variantFile(loss.variant), variantDataFile(loss.variant)]),
      r2: loss.r2,
      maxDifference: loss.maxDifference,
      mse: pick(loss, 'mse', 'variant'),
      mae: pick(loss, 'mae', 'variant'),
    })),
  ];
}

/** Of many shards the first and the last; undefined for no file. */
function nameWeights(files: readonly string[], quote: (path: string) => string): string | undefined {
  const [first] = files;
  if (first === undefined) return undefined;
  return files.length > 2
    ? `${quote(first)} to ${quote(files.at(-1) ?? first)}`
    : joinWords(files.map(quote));
}

function describePooling({ config, model }: CardFacts): string {
  if (model.stockClass !== undefined) return `that of \`${model.stockClass}\``;
  const words = {
    mean: 'the mean over all tokens',
    max: 'the greatest value over all tokens',
    cls: 'the first token',
  };
  return words[config.head.pooling];
}

function drawArchitecture(facts: CardFacts): string {
  const { config, model } = facts;
  const size = [
    ...(model.layers === undefined ? [] : [`${model.layers} layers`]),
    ...(model.hiddenSize === undefined ? [] : [`hidden size ${model.hiddenSize}`]),
    ...(model.attentionHeads === undefined ? [] : [`${model.attentionHeads} heads`]),
  ].join(', ');
  const encoder = `${model.encoderTitle ?? 'encoder'}${size === '' ? '' : ` (${size})`}`;
  const isStock = model.stockClass !== undefined;
  return [
    'text',
    'tokens',
    encoder,
    ...(isStock
      ? [`head of ${model.stockClass}`]
      : [describePooling(facts), `linear, ${model.hiddenSize ?? '…'} → 1`]),
    ...(config.head.activation === 'sigmoid' ? ['sigmoid'] : []),
    'score',
  ].join(' → ');
}

/** As `modeling_reward.py` says of itself. */
function nameTransformers(modelType: string | undefined): string {
  const known = modelType === undefined ? undefined : lookUpArchitecture({ model_type: modelType });
  return known?.architecture.needs ?? 'transformers 4.48 or later, 5.x included';
}

const SPLIT_WORDS: Readonly<Record<string, string>> = {
  [SPLIT_FILES.train]: 'training',
  [SPLIT_FILES.eval]: 'evaluation',
  [SPLIT_FILES.test]: 'test',
};

function describeOverlaps({ splits, known }: CardFacts): string[] {
  if (known === undefined) return [];
  const word = (file: string) => SPLIT_WORDS[file] ?? file;
  const repeats = splits.flatMap(({ file, measured }) =>
    measured === undefined || measured.duplicates === 0
      ? []
      : [
          `${formatCount(measured.duplicates)} ${word(file)} rows repeat the text of another one of that split.`,
        ],
  );
  const shared = known.shared
    .filter(({ rows }) => rows > 0)
    .map(({ of, in: other, rows }) => `${formatCount(rows)} ${word(of)} texts are ${word(other)} texts too.`);
  if (repeats.length + shared.length > 0) return [...repeats, ...shared];
  return [
    splits.length > 1 ? 'No text stands in two splits, or twice in one.' : 'No text stands there twice.',
  ];
}

function describeRun({ run }: CardFacts): string | undefined {
  const { epochs, steps, bestStep, trainLoss, seconds } = run;
  if (epochs === undefined) return undefined;
  const parts = [
    `Training ran for ${Number(epochs.toFixed(2))} epochs`,
    ...(steps === undefined ? [] : [` (${formatCount(steps)} steps)`]),
    ...(seconds === undefined ? [] : [` in ${formatDuration(seconds)}`]),
    ...(bestStep === undefined ? [] : [`; the weights are those of step ${formatCount(bestStep)}`]),
    ...(trainLoss === undefined ? [] : [`. The mean training loss was ${formatFixed(trainLoss, 4)}`]),
  ];
  return `${parts.join('')}.`;
}

function describeTolerance(tolerance: Tolerance) {
  const { preset, why } = tolerance;
  return {
    preset,
    why,
    row: String(rowTolerance(tolerance).fail),
    metric: formatShare(relativeTolerance(tolerance)),
  };
}
