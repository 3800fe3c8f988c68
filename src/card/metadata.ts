import { Document, visit } from 'yaml';
import { escapeUnseen, hasUnseen } from '../formats/source-text.ts';
import { EXAMPLE_TITLES, type Example } from './examples.ts';
import type { CardFacts } from './facts.ts';
import type { ShownMetric } from './score-facts.ts';

/** Significant digits of metrics in `model-index`; what a float32 evaluation can stand for. */
const DIGITS = 6;

/**
 * The card's metadata, what the Hub reads for search, filters, widget and evaluation results: key by key, each as YAML.
 * Keys keep one order, and a key without a known value is left out.
 */
export function listMetadata(facts: CardFacts): { name: string; text: string }[] {
  const { config, metrics } = facts;
  const data = {
    language: config.language,
    license: facts.license,
    library_name: 'transformers',
    pipeline_tag: 'text-classification',
    base_model: config.baseModel,
    base_model_relation: config.baseModel === undefined ? undefined : 'finetune',
    tags: listTags(facts),
    datasets: config.datasets,
    metrics: metrics.filter(({ test }) => test !== null).flatMap(({ type }) => type ?? []),
    widget: makeWidget(facts),
    'model-index': [makeModelIndex(facts)],
  };
  return Object.entries(data).flatMap(([name, value]) =>
    isPresent(value) ? [{ name, text: formatYaml({ [name]: value }) }] : [],
  );
}

/** YAML that Python reads as JavaScript does, whatever characters the texts in it hold. */
function formatYaml(data: object): string {
  // YAML 1.1, as Python's huggingface_hub reads it: there a bare `no` (Norwegian) is false, and 1:30 is 90.
  const document = new Document(data, { version: '1.1', aliasDuplicateObjects: false });
  // PyYAML refuses control characters and takes U+2028 for a line break: such texts stand in quotes, with escapes.
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && hasUnseen(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const options = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };
  return escapeUnseen(document.toString(options));
}

function isPresent(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function listTags({ config, model, files }: CardFacts): string[] {
  const names = [config.name, config.title, config.repo].join(' ');
  return [
    ...new Set([
      ...(config.tags ?? []),
      ...(/reward/i.test(names) ? ['reward-model'] : []),
      'regression',
      'text-regression',
      'text-scoring',
      ...(model.modelType === undefined ? [] : [model.modelType]),
      ...(files.some(({ path }) => path.endsWith('.onnx')) ? ['onnx'] : []),
    ]),
  ];
}

/** Inputs with their stored outputs, which the Hub shows even where nobody serves the model. */
function makeWidget({ examples, model }: CardFacts) {
  if (examples === undefined) return undefined;
  const item = (title: string, { text, prediction }: Example) => ({
    text,
    example_title: title,
    output: [{ label: model.label, score: prediction }],
  });
  return (['high', 'middle', 'low'] as const).map((place) => item(EXAMPLE_TITLES[place], examples[place]));
}

function makeModelIndex({ config, title, metrics, files }: CardFacts) {
  const file = 'test_metrics.json';
  const hasSource = config.repo !== undefined && files.some(({ path }) => path === file);
  const result = {
    task: { type: 'text-classification', name: 'Text Scoring' },
    // The Hub asks for a type and does not look it up; a test split in a CSV has no id to give.
    dataset: { type: config.datasets?.[0] ?? 'test-set', name: `${title} test set`, split: 'test' },
    metrics: metrics.flatMap(({ type, name, test }: ShownMetric) =>
      type === undefined || test === null ? [] : [{ type, value: shorten(test), name }],
    ),
    ...(hasSource
      ? { source: { name: file, url: `https://huggingface.co/${config.repo}/blob/main/${file}` } }
      : {}),
  };
  return { name: config.name ?? title, results: [result] };
}

/** A number that rounding would make whole is kept as it is: as 1, it would claim to be exact. */
function shorten(value: number): number {
  const short = Number(value.toPrecision(DIGITS));
  return Number.isInteger(short) ? value : short;
}
