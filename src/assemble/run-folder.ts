import { readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { readWeights, WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../formats/weights.ts';
import { PREDICTIONS_FILE, SPLIT_FILES } from '../splits.ts';

/** What a training run left behind, by what it is. Paths are names inside `dir`. */
export interface RunFolder {
  readonly dir: string;
  /** Copied byte for byte, if present: weights, tokenizer, metrics and splits. */
  readonly copied: readonly string[];
  /** Weights that are not in safetensors yet, where there are no others. */
  readonly pickledWeights: string | undefined;
  readonly hasConfig: boolean;
  readonly hasTrainingArgs: boolean;
  /** The CSV with the run's own predictions for the test split. */
  readonly predictions: string | undefined;
  /** Files that are left behind, for the author to know. */
  readonly ignored: readonly string[];
}

const REQUIRED = [
  WEIGHTS_FILE,
  'tokenizer.json',
  'tokenizer_config.json',
  'test_metrics.json',
  SPLIT_FILES.test,
];
const PICKLED_FILE = 'pytorch_model.bin';
const OPTIONAL = ['training_results.json', SPLIT_FILES.train, SPLIT_FILES.eval];
/** Read and written anew, rather than copied. */
const READ = [
  'config.json',
  'tokenizer_config.json',
  'training_args.bin',
  'hubwright.json',
  'special_tokens_map.json',
];
const HINTS: Readonly<Record<string, string>> = {
  [WEIGHTS_FILE]:
    'save the weights there: trainer.save_model(run_dir), or safetensors.torch.save_file(state_dict, …)',
  'tokenizer.json': 'save the tokenizer there: tokenizer.save_pretrained(run_dir)',
  'tokenizer_config.json': 'save the tokenizer there: tokenizer.save_pretrained(run_dir)',
  'test_metrics.json': 'write the metrics of the test split there: json.dump({"mse": …, "mae": …}, f)',
  [SPLIT_FILES.test]: 'write the test split there: df.to_csv("test_set.csv", index=False)',
};

/**
 * Lists a run folder.
 *
 * @throws HubwrightError INPUT_MISSING naming every file that is not there, or UNSUPPORTED for weights in another form.
 */
export async function readRunFolder(dir: string): Promise<RunFolder> {
  const names = await listFiles(dir);
  const present = new Set(names);
  const isSharded = !present.has(WEIGHTS_FILE) && present.has(WEIGHTS_INDEX_FILE);
  const hasSafetensors = present.has(WEIGHTS_FILE) || isSharded;
  const pickledWeights = !hasSafetensors && present.has(PICKLED_FILE) ? PICKLED_FILE : undefined;
  const hasWeights = hasSafetensors || pickledWeights !== undefined;
  const missing = REQUIRED.filter((name) => !present.has(name) && !(hasWeights && name === WEIGHTS_FILE));
  if (missing.includes(WEIGHTS_FILE)) checkOtherWeights(names, dir);
  const [first] = missing;
  if (first !== undefined) {
    throw new HubwrightError('INPUT_MISSING', `the run folder ${dir} has no ${missing.join(', ')}`, {
      ...(HINTS[first] === undefined ? {} : { hint: HINTS[first] }),
    });
  }
  const shards = isSharded ? [WEIGHTS_INDEX_FILE, ...(await readWeights(dir)).files] : [];
  const copied = [...REQUIRED, ...OPTIONAL, ...shards].filter(
    (name) => present.has(name) && !READ.includes(name),
  );
  const predictions = findPredictions(names);
  const used = new Set([...copied, ...READ, predictions, pickledWeights]);
  return {
    dir,
    copied,
    pickledWeights,
    hasConfig: present.has('config.json'),
    hasTrainingArgs: present.has('training_args.bin'),
    predictions,
    ignored: names.filter((name) => !used.has(name)),
  };
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw new HubwrightError('INPUT_MISSING', `the run folder ${dir} cannot be read`, {
      hint: 'name the folder that training wrote: hubwright assemble <run-dir>',
      cause,
    });
  });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  if (names.length === 0) {
    throw new HubwrightError('INPUT_MISSING', `the run folder ${dir} is empty`, {
      hint: 'name the folder that training wrote: hubwright assemble <run-dir>',
    });
  }
  return names;
}

function checkOtherWeights(names: readonly string[], dir: string): void {
  const other = names.find((name) =>
    /^(pytorch_model.*\.bin|model.*\.safetensors(\.index\.json)?)$/.test(name),
  );
  if (other === undefined) return;
  throw new HubwrightError(
    'UNSUPPORTED',
    `${dir} holds its weights as ${other}; one ${WEIGHTS_FILE} is needed`,
    {
      hint: 'in Python: safetensors.torch.save_file(model.state_dict(), "model.safetensors")',
    },
  );
}

/** The file of that very name, or else the only CSV whose name speaks of predictions, and of no other split. */
function findPredictions(names: readonly string[]): string | undefined {
  if (names.includes(PREDICTIONS_FILE)) return PREDICTIONS_FILE;
  const candidates = names.filter(
    (name) => /predictions?.*\.csv$/i.test(name) && !/(train|eval|valid|val|dev)(?![a-z])/i.test(name),
  );
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** A model name from the folder's, for when the config gives none. */
export function nameFromFolder(dir: string): string {
  const name = basename(resolve(dir))
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'model' : name;
}
