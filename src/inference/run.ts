import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import type { Group } from './batches.ts';
import type { Conditions } from './device.ts';
import { openDevice } from './device-choice.ts';
import type { ScoreOptions } from './index.ts';
import { isMemoryShort, readAvailableMemory } from './memory.ts';
import { openScoreCache } from './score-cache.ts';
import { groupAll, scoreGroups } from './scoring.ts';
import { createSequences, type Sequences } from './sequences.ts';
import { readRuntimeVersion, type SessionOptions } from './session.ts';
import { type TextSource, takeTexts } from './text-source.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

/** What computed the scores, as far as they depend on it. */
export interface Environment {
  /** One or several, separated by commas. */
  readonly executionProvider: string;
  readonly runtimeVersion: string;
  readonly conditions: Conditions;
}

/** What a run of the model over some texts gave. */
export interface Run extends Environment {
  readonly sequences: Sequences;
  /** What was to be scored, as it was picked. */
  readonly groups: readonly Group[];
  /** [sequences, labels]; NaN for what was not picked. */
  readonly logits: Float32Array;
  readonly truncatedRows: number;
  /** Distinct texts whose logits came from the cache. */
  readonly cachedTexts: number;
}

/** Tokenizes all texts and runs the groups of them that `pick` leaves. */
export async function runModel(
  dir: string,
  texts: TextSource,
  options: Omit<ScoreOptions, 'activation'>,
  pick: (groups: readonly Group[]) => readonly Group[] = (groups) => groups,
): Promise<Run> {
  const { maxLength, signal, onAdvance, labels = 1 } = options;
  const tokenizer = await loadTokenizer(dir);
  const sequences = createSequences();
  let truncatedRows = 0;
  await takeTexts(texts, (text) => {
    if (signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while scoring');
    const { ids, truncated } = tokenizer.encode(text, maxLength);
    sequences.add(ids);
    if (truncated) truncatedRows += 1;
  });
  const logits = new Float32Array(sequences.count * labels).fill(Number.NaN);
  const path = join(dir, options.graph ?? 'model.onnx');
  const mappedWeights = options.mappedWeights ?? (await mapIfShort(dir, options.onNote));
  const conditions: Conditions = mappedWeights ? { weights: 'mapped' } : {};
  const openWorker = (wanted: SessionOptions) => openWorkerSession(path, wanted, { signal });
  // Which device it will be shows only when it is tried; the CPU need not be opened where the cache knows all.
  const tried =
    (options.device ?? 'cpu') === 'cpu' && options.requireGpu !== true
      ? undefined
      : await openDevice(sequences, tokenizer.padId, { ...options, mappedWeights, open: openWorker });
  let environment: Environment = tried ?? {
    executionProvider: 'cpu',
    runtimeVersion: readRuntimeVersion(),
    conditions,
  };
  const cache = await openCache(options.cache, environment, sequences, labels);
  const provider = environment.executionProvider;
  const groups = pick(groupAll(sequences));
  let cachedTexts = 0;
  const open = async () => {
    const session = tried ?? (await openWorker({ provider: 'cpu', conditions }));
    environment = session;
    return session;
  };
  try {
    await scoreGroups(sequences, groups, open, {
      padId: tokenizer.padId,
      labels,
      isKnown: (sequence, inCompany) => {
        const known = cache?.get(sequence, inCompany);
        if (known === undefined) return false;
        logits.set(known, sequence * labels);
        cachedTexts += 1;
        return true;
      },
      onScored: (sequence, scored, inCompany) => {
        logits.set(scored, sequence * labels);
        if (environment.executionProvider === provider) cache?.set(sequence, inCompany, scored);
      },
      onBatch: async () => cache?.save(),
      onAdvance,
    });
  } finally {
    // What an interrupted run has computed need not be computed again.
    await tried?.release();
    await cache?.save('now');
  }
  const { executionProvider, runtimeVersion, conditions: met } = environment;
  return {
    sequences,
    groups,
    logits,
    truncatedRows,
    cachedTexts,
    executionProvider,
    runtimeVersion,
    conditions: met,
  };
}

/** Weights that would not fit are left in their file, which is some percent slower. */
async function mapIfShort(dir: string, onNote: ScoreOptions['onNote']): Promise<boolean> {
  const available = await readAvailableMemory();
  const short = await isMemoryShort(dir, available);
  if (short)
    onNote?.(`${Math.round(available / 1e6)} MB of memory are available: weights stay in their file`);
  return short;
}

/** The cache of one model on one execution provider of one runtime, by the number of a sequence. */
async function openCache(
  place: ScoreOptions['cache'],
  { executionProvider, runtimeVersion, conditions }: Environment,
  sequences: Sequences,
  labels: number,
) {
  if (place === undefined) return undefined;
  const cache = await openScoreCache(place.dir);
  const usual = Object.keys(conditions).length === 0;
  const model = `${place.model} ${executionProvider} ${runtimeVersion}${usual ? '' : ` ${JSON.stringify(conditions)}`}`;
  const keys = (sequence: number, inCompany: boolean) =>
    Array.from({ length: labels }, (_, label) => ({
      model: labels === 1 ? model : `${model} label ${label}`,
      ids: sequences.digest(sequence),
      inCompany,
    }));
  return {
    /** All logits of a sequence, or undefined. */
    get(sequence: number, inCompany: boolean) {
      const found = keys(sequence, inCompany).map(cache.get);
      return found.every((logit) => logit !== undefined) ? found : undefined;
    },
    set(sequence: number, inCompany: boolean, logits: Float32Array) {
      for (const [label, key] of keys(sequence, inCompany).entries())
        cache.set(key, logits[label] ?? Number.NaN);
    },
    save: cache.save,
  };
}
