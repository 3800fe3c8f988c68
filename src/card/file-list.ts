import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listBundleFiles } from '../bundle.ts';

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
  /** One line, or undefined for a file that Hubwright does not know. */
  readonly meaning: string | undefined;
}

const CARD_FILE = 'README.md';

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^config\.json$/, "the encoder's settings, and where transformers finds the classes"],
  [/^model\.safetensors$/, 'the weights, as training saved them'],
  [/^model\.onnx$/, 'the graph for ONNX Runtime; its weights lie in `model.safetensors`'],
  [/^modeling_reward\.py$/, 'the model in PyTorch, for plain import and for `trust_remote_code`'],
  [/^tokenizer\.json$/, 'the tokenizer'],
  [/^tokenizer_config\.json$/, "the tokenizer's settings"],
  [/^special_tokens_map\.json$/, "the tokenizer's special tokens"],
  [/^training_args\.bin$/, "the run's `transformers.TrainingArguments`, pickled"],
  [/^training_args\.json$/, "the run's `transformers.TrainingArguments`, readable without Python"],
  [/^training_results\.json$/, 'what training reported'],
  [/^test_metrics\.json$/, 'metrics on the test split'],
  [/^train_set\.csv$/, 'the training split'],
  [/^eval_set\.csv$/, 'the evaluation split'],
  [/^test_set\.csv$/, 'the test split'],
  [/^test_predictions\.csv$/, 'true and predicted score of every test row, in order'],
  [/_predictions_scatter\.(png|svg)$/, 'the picture above'],
  [/^hubwright\.json$/, 'input template, head and card settings, from which `hubwright` works'],
];

/** The bundle's files in path order, but for the card itself and dot files, which the Hub adds of its own. */
export async function listFiles(dir: string): Promise<BundleFile[]> {
  const paths = (await listBundleFiles(dir)).filter((path) => path !== CARD_FILE && !path.startsWith('.'));
  return Promise.all(
    paths.map(async (path) => ({
      path,
      bytes: (await stat(join(dir, path))).size,
      meaning: MEANINGS.find(([pattern]) => pattern.test(path))?.[1],
    })),
  );
}
