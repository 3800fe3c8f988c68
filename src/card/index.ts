import { listTemplateColumns } from '../inference/template.ts';
import { type CardFacts, collectCardFacts } from './facts.ts';
import { writeJavaScriptText, writePythonText } from './input-text.ts';
import { renderMetadata } from './metadata.ts';
import { formatFixed } from './number-text.ts';
import { compileCard } from './templates.ts';

export { type CardFacts, collectCardFacts } from './facts.ts';

/**
 * Writes README.md for a bundle folder, from the bundle's files alone: the same files give the same text.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID
 */
export async function renderCard(dir: string): Promise<string> {
  const facts = await collectCardFacts(dir);
  return renderMetadata(facts) + compileCard()(makeView(facts));
}

/** The facts as the templates read them. Its text is raw: each place escapes it by its own helper. */
function makeView(facts: CardFacts) {
  const { config, examples, files, metrics, splits } = facts;
  const has = (name: string) => files.some(({ path }) => path === name);
  const { summary, data, intendedUse, limitations, citation } = config.card;
  return {
    ...facts,
    repo: config.repo,
    baseModel: config.baseModel,
    input: config.input,
    labelName: config.input.label,
    columns: listTemplateColumns(config.input.template),
    prose: { summary, data, intendedUse, limitations, citation },
    isSigmoid: config.head.activation === 'sigmoid',
    isMean: config.head.pooling === 'mean',
    isMax: config.head.pooling === 'max',
    hasOnnx: has('model.onnx') && has('tokenizer.json'),
    hasTrainingArgs: has('training_args.bin'),
    hasTestMetrics: has('test_metrics.json'),
    hasBaseline: metrics.some(({ baseline }) => baseline !== undefined),
    hasEval: metrics.some((metric) => metric.eval !== undefined),
    trainMean: splits.find(({ name }) => name === 'Train')?.labelMean,
    gain: measureGain(metrics),
    exampleRows: examples === undefined ? [] : [examples.high, examples.middle, examples.low],
    snippet: {
      python: examples && writePythonText(config.input.template, examples.high).join('\n'),
      javascript: examples && writeJavaScriptText(config.input.template, examples.high).join('\n'),
      expected: examples && formatFixed(examples.high.prediction, 3),
    },
  };
}

/** The share of the baseline's squared error that the model does away with; undefined when it does not. */
function measureGain(metrics: CardFacts['metrics']): number | undefined {
  const mse = metrics.find(({ id }) => id === 'mse');
  const gain = mse?.baseline === undefined ? 0 : 1 - mse.test / mse.baseline;
  return gain > 0 ? gain : undefined;
}
