import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import { readJsonObject } from '../formats/json.ts';
import { listMetricEntries } from '../metrics/entries.ts';
import { PREDICTIONS_FILE, SPLIT_FILES } from '../splits.ts';
import { type Fact, fact } from './fact.ts';

/** What lies where in a run folder. */
export interface Survey {
  readonly dir: string;
  /** Names at its root; a folder's ends with a slash. */
  readonly names: readonly string[];
  /** `files.*`, for what has another name than assemble looks for. */
  readonly files: readonly Fact<string>[];
  /** Names by what they are, under their usual or their other name. */
  readonly model: string;
  readonly test: string | undefined;
  readonly metrics: string | undefined;
  readonly predictions: string | undefined;
}

const WEIGHTS = /^(model\.safetensors(\.index\.json)?|pytorch_model\.bin)$/;
const CHECKPOINT = /^checkpoint-(\d+)\/$/;
/** JSON that speaks of anything but metrics. */
const NO_METRICS =
  /^(config.*|tokenizer.*|special_tokens_map|added_tokens|vocab|training_args|.*index|hubwright.*|trainer_state)\.json$/;
const OTHER_SPLIT = /(train|eval|valid|val|dev)(?![a-z])/i;
const PREDICTIONS = /pred/i;

/** Finds what a training run left behind, also where it has another name than usual. */
export async function surveyRun(dir: string): Promise<Survey> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw new HubwrightError('INPUT_MISSING', `the run folder ${dir} cannot be read`, {
      hint: 'name the folder that training wrote: hubwright init <run-dir>',
      cause,
    });
  });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const files: Fact<string>[] = [];
  const take = (found: Fact<string> | undefined) => {
    if (found !== undefined) files.push(found);
    return found?.value;
  };
  const model = take(await findModel(dir, names)) ?? '.';
  const csv = names.filter((name) => name.endsWith('.csv') && !PREDICTIONS.test(name));
  const test = usual(names, SPLIT_FILES.test) ?? take(findSplit(csv, 'test', /test/i));
  if (!names.includes(SPLIT_FILES.train)) take(findSplit(csv, 'train', /train/i));
  if (!names.includes(SPLIT_FILES.eval))
    take(findSplit(csv, 'eval', /eval|valid|(^|[^a-z])(val|dev)(?![a-z])/i));
  const metrics = usual(names, 'test_metrics.json') ?? take(await findMetrics(dir, names));
  const predictions = usual(names, PREDICTIONS_FILE) ?? take(findPredictions(names));
  return { dir, names, files, model, test, metrics, predictions };
}

function usual(names: readonly string[], name: string): string | undefined {
  return names.includes(name) ? name : undefined;
}

/** The folder of the weights where they are not at the root: Trainer's best checkpoint, its last, or the only folder. */
async function findModel(dir: string, names: readonly string[]): Promise<Fact<string> | undefined> {
  if (names.some((name) => WEIGHTS.test(name))) return undefined;
  const holding: string[] = [];
  for (const name of names.filter((name) => name.endsWith('/'))) {
    const inside = await readdir(join(dir, name)).catch(() => []);
    if (inside.some((file) => WEIGHTS.test(file))) holding.push(name);
  }
  const named = holding.filter((name) => !CHECKPOINT.test(name));
  const only = named.length === 1 ? named[0] : undefined;
  if (only !== undefined) {
    return fact('files.model', only.slice(0, -1), 'the only folder with weights that is no checkpoint');
  }
  const steps = (name: string) => Number(CHECKPOINT.exec(name)?.[1] ?? -1);
  const checkpoints = holding.filter((name) => CHECKPOINT.test(name)).sort((a, b) => steps(b) - steps(a));
  const [last] = checkpoints;
  if (last === undefined) return undefined;
  const best = await readBest(dir, last, names);
  return best !== undefined && checkpoints.includes(`${best}/`)
    ? fact('files.model', best, 'trainer_state.json calls it the best checkpoint')
    : fact('files.model', last.slice(0, -1), 'the last checkpoint; trainer_state.json names no best one');
}

/** Trainer writes NaN and Infinity too, which strict JSON does not know: only the one string is read. */
async function readBest(dir: string, last: string, names: readonly string[]): Promise<string | undefined> {
  const path = join(dir, names.includes('trainer_state.json') ? '' : last, 'trainer_state.json');
  const state = await readFile(path, 'utf8').catch(() => '');
  const [, best] = /"best_model_checkpoint":\s*"([^"]+)"/.exec(state) ?? [];
  return best?.split(/[\\/]+/).at(-1);
}

function findSplit(
  csv: readonly string[],
  split: 'test' | 'train' | 'eval',
  pattern: RegExp,
): Fact<string> | undefined {
  const found = csv.filter((name) => pattern.test(name));
  const [only] = found;
  return found.length === 1 && only !== undefined
    ? fact(`files.${split}`, only, `the only CSV with ${split} in its name`)
    : undefined;
}

/** The JSON file that holds metrics; where several do, the one whose name speaks of the test split. */
async function findMetrics(dir: string, names: readonly string[]): Promise<Fact<string> | undefined> {
  const found: string[] = [];
  for (const name of names.filter((name) => name.endsWith('.json') && !NO_METRICS.test(name))) {
    const entries = await readJsonObject(join(dir, name)).then(listMetricEntries, () => []);
    if (entries.some(({ metric }) => metric !== undefined)) found.push(name);
  }
  const ofTest = found.filter((name) => /test|predict/i.test(name));
  const left =
    ofTest.length > 0
      ? ofTest
      : found.filter((name) => !OTHER_SPLIT.test(name) && name !== 'training_results.json');
  const [only] = left;
  return left.length === 1 && only !== undefined
    ? fact('files.metrics', only, 'the only JSON file with metrics that can be of the test split')
    : undefined;
}

function findPredictions(names: readonly string[]): Fact<string> | undefined {
  const found = names.filter(
    (name) => name.endsWith('.csv') && PREDICTIONS.test(name) && !OTHER_SPLIT.test(name),
  );
  const [only] = found;
  return found.length === 1 && only !== undefined
    ? fact('files.predictions', only, 'the only CSV whose name speaks of predictions')
    : undefined;
}
