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
  [/^config\.json$/, 'settings, for transformers'],
  [/^model\.safetensors$/, 'the weights, as training saved them'],
  [/^model-.+\.safetensors$/, 'a part of the weights, as training saved them'],
  [/^model\.safetensors\.index\.json$/, 'which part holds which tensor'],
  [/^model\.onnx$/, 'the graph; its weights are those of `model.safetensors`'],
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
  [/_predictions_scatter(_dark)?\.(png|svg)$/, 'predicted against true scores, the first picture above'],
  [/_residuals(_dark)?\.(png|svg)$/, 'errors by predicted score, the second picture'],
  [/_calibration(_dark)?\.(png|svg)$/, 'calibration, the third picture'],
  [
    /^(modules\.json|config_sentence_transformers\.json|[012]_(Transformer|Pooling|Dense)\/.+)$/,
    'the same model for sentence-transformers',
  ],
  [/^hubwright\.json$/, 'what Hubwright was told'],
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
