import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listBundleFiles } from '../bundle.ts';

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
  /** One line, or undefined for a file that Hubwright does not know. */
  readonly meaning: string | undefined;
}

const MADE_AFTERWARDS =
  /^(README\.md|hubwright\.lock\.json|verification\..*|model\.sig|provenance\..*|\..*)$/;

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^config\.json$/, 'settings, for transformers'],
  [/^model\.safetensors$/, 'the weights, as training saved them'],
  [/^model-.+\.safetensors$/, 'a part of the weights, as training saved them'],
  [/^model\.safetensors\.index\.json$/, 'which part holds which tensor'],
  [/^model\.onnx$/, 'the model as a graph, for ONNX Runtime'],
  [/^model\.onnx_data$/, 'the weights of that graph'],
  [/^modeling_reward\.py$/, "the model's code in PyTorch"],
  [/^tokenizer\.json$/, 'the tokenizer'],
  [/^tokenizer_config\.json$/, "the tokenizer's settings"],
  [/^special_tokens_map\.json$/, "the tokenizer's special tokens"],
  [/^training_args\.bin$/, "the run's arguments, pickled"],
  [/^training_args\.json$/, "the run's arguments, as text"],
  [/^training_results\.json$/, 'what training reported'],
  [/^test_metrics\.json$/, 'metrics on the test split'],
  [/^train_set\.csv$/, 'the training split'],
  [/^eval_set\.csv$/, 'the evaluation split'],
  [/^test_set\.csv$/, 'the test split'],
  [/^test_predictions\.csv$/, 'true and predicted score of every test row'],
  [/_predictions_scatter(_dark)?\.(png|svg)$/, 'predicted against true scores'],
  [/_residuals(_dark)?\.(png|svg)$/, 'errors by predicted score'],
  [/_calibration(_dark)?\.(png|svg)$/, 'mean true score by predicted score'],
  [/^onnx\/.+\.onnx$/, 'a graph with weights of its own'],
  [/^onnx\/.+\.onnx_data$/, 'the weights of that graph'],
  [/^card_facts\.json$/, 'lengths and scores that this card tells'],
  [/^card_templates\/.+\.hbs$/, "the author's templates of this card"],
  [
    /^(modules\.json|config_sentence_transformers\.json|[012]_(Transformer|Pooling|Dense)\/.+)$/,
    'the same model for sentence-transformers',
  ],
  [/^hubwright\.json$/, 'what Hubwright was told'],
];

/**
 * The bundle's files in path order, but for what the Hub adds and what is made after the card: the card itself, the lock,
 * the report, its signature.
 *
 * @param listed the repository's files, where the folder holds only some of them
 */
export async function listFiles(
  dir: string,
  listed?: readonly { readonly path: string; readonly bytes: number }[],
): Promise<BundleFile[]> {
  const files = listed ?? (await listFolder(dir));
  return files
    .filter(({ path }) => !MADE_AFTERWARDS.test(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ ...file, meaning: MEANINGS.find(([pattern]) => pattern.test(file.path))?.[1] }));
}

async function listFolder(dir: string): Promise<{ path: string; bytes: number }[]> {
  const paths = await listBundleFiles(dir);
  return Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(join(dir, path))).size })));
}
