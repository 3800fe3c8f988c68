import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';
import type { Group } from './batches.ts';
import { openDevice } from './device-choice.ts';
import type { ScoreOptions } from './index.ts';
import { openScoreCache } from './score-cache.ts';
import { groupAll, scoreGroups } from './scoring.ts';
import { createSequences, type Sequences } from './sequences.ts';
import { readRuntimeVersion } from './session.ts';
import { type TextSource, takeTexts } from './text-source.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

/** What a run of the model over some texts gave. */
export interface Run {
  readonly sequences: Sequences;
  /** What was to be scored, as it was picked. */
  readonly groups: readonly Group[];
  /** By sequence; NaN for what was not picked. */
  readonly logits: Float32Array;
  readonly truncatedRows: number;
  /** Distinct texts whose logit came from the cache. */
  readonly cachedTexts: number;
  readonly executionProvider: string;
  readonly runtimeVersion: string;
}

/** Tokenizes all texts and runs the groups of them that `pick` leaves. */
export async function runModel(
  dir: string,
  texts: TextSource,
  options: Omit<ScoreOptions, 'activation'>,
  pick: (groups: readonly Group[]) => readonly Group[] = (groups) => groups,
): Promise<Run> {
  const { maxLength, signal, onAdvance } = options;
  const tokenizer = await loadTokenizer(dir);
  const sequences = createSequences();
  let truncatedRows = 0;
  await takeTexts(texts, (text) => {
    if (signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while scoring');
    const { ids, truncated } = tokenizer.encode(text, maxLength);
    sequences.add(ids);
    if (truncated) truncatedRows += 1;
  });
  const logits = new Float32Array(sequences.count).fill(Number.NaN);
  const path = join(dir, 'model.onnx');
  const { device = 'cpu', requireGpu, onNote } = options;
  // Which device it will be shows only when it is tried; the CPU need not be opened where the cache knows all.
  const tried =
    device === 'cpu' && requireGpu !== true
      ? undefined
      : await openDevice(path, sequences, tokenizer.padId, { device, requireGpu, onNote, signal });
  let environment: Pick<Run, 'executionProvider' | 'runtimeVersion'> = tried ?? {
    executionProvider: 'cpu',
    runtimeVersion: readRuntimeVersion(),
  };
  const cache = await openCache(options.cache, environment, sequences);
  const provider = environment.executionProvider;
  const groups = pick(groupAll(sequences));
  let cachedTexts = 0;
  const open = async () => {
    const session = tried ?? (await openWorkerSession(path, 'cpu', { signal }));
    environment = session;
    return session;
  };
  try {
    await scoreGroups(sequences, groups, open, {
      padId: tokenizer.padId,
      isKnown: (sequence, inCompany) => {
        const logit = cache?.get(sequence, inCompany);
        if (logit === undefined) return false;
        logits[sequence] = logit;
        cachedTexts += 1;
        return true;
      },
      onScored: (sequence, logit, inCompany) => {
        logits[sequence] = logit;
        if (environment.executionProvider === provider) cache?.set(sequence, inCompany, logit);
      },
      onBatch: async () => cache?.save(),
      onAdvance,
    });
  } finally {
    // What an interrupted run has computed need not be computed again.
    await tried?.release();
    await cache?.save('now');
  }
  return { sequences, groups, logits, truncatedRows, cachedTexts, ...describeSession(environment) };
}

function describeSession({
  executionProvider,
  runtimeVersion,
}: Pick<Run, 'executionProvider' | 'runtimeVersion'>) {
  return { executionProvider, runtimeVersion };
}

/** The cache of one model on one execution provider of one runtime, by the number of a sequence. */
async function openCache(
  place: ScoreOptions['cache'],
  { executionProvider, runtimeVersion }: Pick<Run, 'executionProvider' | 'runtimeVersion'>,
  sequences: Sequences,
) {
  if (place === undefined) return undefined;
  const cache = await openScoreCache(place.dir);
  const model = `${place.model} ${executionProvider} ${runtimeVersion}`;
  const key = (sequence: number, inCompany: boolean) => ({
    model,
    ids: sequences.digest(sequence),
    inCompany,
  });
  return {
    get: (sequence: number, inCompany: boolean) => cache.get(key(sequence, inCompany)),
    set: (sequence: number, inCompany: boolean, logit: number) => cache.set(key(sequence, inCompany), logit),
    save: cache.save,
  };
}
