import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { readWeights, WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../formats/weights.ts';
import { PREDICTIONS_FILE, SPLIT_FILES } from '../splits.ts';

/** What a training run left behind, by what it is. Files go by the names that the bundle gives them. */
export interface RunFolder {
  readonly dir: string;
  /** Where the weights lie: `dir`, or the folder of it that `files.model` names. */
  readonly modelDir: string;
  /** The path of a file that the bundle calls `name`. */
  readonly at: (name: string) => string;
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

/** What `files` in hubwright.json may name otherwise, by the names that the bundle has for it. */
const RENAMED = {
  metrics: 'test_metrics.json',
  test: SPLIT_FILES.test,
  train: SPLIT_FILES.train,
  eval: SPLIT_FILES.eval,
} as const;
/** What lies beside the weights; the rest of a run is at its root. */
const MODEL_FILE =
  /^(config\.json|tokenizer.*|special_tokens_map\.json|training_args\.bin|pytorch_model\.bin|model.*)$/;

/**
 * Lists a run folder.
 *
 * @param files where the config says that something lies under another name
 * @throws HubwrightError INPUT_MISSING naming every file that is not there, or UNSUPPORTED for weights in another form.
 */
export async function readRunFolder(dir: string, files: Config['files'] = {}): Promise<RunFolder> {
  const names = await listFiles(dir);
  const { model } = files;
  const inModel = new Set(model === undefined ? [] : await listModelFolder(dir, model));
  const places = new Map<string, string>(names.map((name) => [name, name]));
  for (const name of inModel) if (MODEL_FILE.test(name)) places.set(name, `${model}/${name}`);
  for (const [key, name] of Object.entries(RENAMED)) {
    const given = files[key as keyof typeof RENAMED];
    if (given !== undefined) places.set(name, await checkNamed(dir, `files.${key}`, given));
  }
  const present = new Set(places.keys());
  const isSharded = !present.has(WEIGHTS_FILE) && present.has(WEIGHTS_INDEX_FILE);
  const hasSafetensors = present.has(WEIGHTS_FILE) || isSharded;
  const pickledWeights = !hasSafetensors && present.has(PICKLED_FILE) ? PICKLED_FILE : undefined;
  const hasWeights = hasSafetensors || pickledWeights !== undefined;
  const missing = REQUIRED.filter((name) => !present.has(name) && !(hasWeights && name === WEIGHTS_FILE));
  if (missing.includes(WEIGHTS_FILE)) checkOtherWeights(names, dir);
  if (missing.length > 0) throw describeMissing(dir, missing);
  const at = (name: string) => join(dir, places.get(name) ?? name);
  const modelDir = dirname(at(isSharded ? WEIGHTS_INDEX_FILE : (pickledWeights ?? WEIGHTS_FILE)));
  const shards = isSharded ? [WEIGHTS_INDEX_FILE, ...(await readWeights(modelDir)).files] : [];
  const copied = [...REQUIRED, ...OPTIONAL, ...shards].filter(
    (name) => present.has(name) && !READ.includes(name),
  );
  const named = files.predictions;
  const predictions =
    named === undefined ? findPredictions(names) : await checkNamed(dir, 'files.predictions', named);
  const used = new Set(
    [...copied, ...READ, pickledWeights].map((name) => name && (places.get(name) ?? name)),
  );
  return {
    dir,
    modelDir,
    at,
    copied,
    pickledWeights,
    hasConfig: present.has('config.json'),
    hasTrainingArgs: present.has('training_args.bin'),
    predictions,
    ignored: names.filter((name) => !used.has(name) && name !== predictions && name !== `${model}/`),
  };
}

async function listModelFolder(dir: string, model: string): Promise<string[]> {
  return readdir(join(dir, model)).catch((cause: unknown) => {
    throw new HubwrightError('INPUT_MISSING', `files.model names ${model}, which is no folder of ${dir}`, {
      hint: 'name the folder that holds the weights, such as checkpoint-500, or leave files.model out',
      cause,
    });
  });
}

async function checkNamed(dir: string, key: string, name: string): Promise<string> {
  const found = await stat(join(dir, name)).catch(() => undefined);
  if (found?.isFile()) return name;
  throw new HubwrightError('INPUT_MISSING', `${key} names ${name}, which is no file in ${dir}`, {
    hint: `mend ${key} in hubwright.json`,
  });
}

function describeMissing(dir: string, missing: readonly string[]): HubwrightError {
  const hint = HINTS[missing[0] ?? ''];
  return new HubwrightError('INPUT_MISSING', `the run folder ${dir} has no ${missing.join(', ')}`, {
    ...(hint === undefined ? {} : { hint: `${hint}; if it has another name there: hubwright init ${dir}` }),
  });
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
