import { join } from 'node:path';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import type { ScoreProgress } from './progress.ts';
import { openScoreCache } from './score-cache.ts';
import { groupAll, scoreGroups } from './scoring.ts';
import { createSequences, type Sequences } from './sequences.ts';
import { readRuntimeVersion } from './session.ts';
import { type TextSource, takeTexts } from './text-source.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

export interface ScoreOptions {
  /** Tokens to truncate to, special ones included. */
  readonly maxLength: number;
  readonly activation: Config['head']['activation'];
  readonly onAdvance?: (progress: ScoreProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Where to keep scores between runs; none are kept without it. */
  readonly cache?: CachePlace | undefined;
}

export interface CachePlace {
  readonly dir: string;
  /** A digest of every byte that the graph may read: the file itself and its weights. */
  readonly model: string;
}

export interface Scores {
  /** One score a text, in the order given; with `sigmoid` in [0, 1]. */
  readonly scores: Float64Array;
  readonly logits: Float64Array;
  readonly distinctTexts: number;
  /** Tokens of the distinct texts, special ones included. */
  readonly tokens: number;
  readonly truncatedRows: number;
  /** Distinct texts whose logit came from the cache. */
  readonly cachedTexts: number;
  readonly executionProvider: string;
  readonly runtimeVersion: string;
}

/**
 * Scores texts with a bundle's own tokenizer and ONNX model, on a thread of its own. Equal texts run once, texts of
 * equal length together. Of each text only its token ids are kept.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED
 */
export async function scoreTexts(dir: string, texts: TextSource, options: ScoreOptions): Promise<Scores> {
  const { maxLength, activation, signal, onAdvance } = options;
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
  let environment = { executionProvider: 'cpu', runtimeVersion: readRuntimeVersion() };
  const cache = await openCache(options.cache, environment, sequences);
  let cachedTexts = 0;
  const open = async () => {
    const session = await openWorkerSession(join(dir, 'model.onnx'), 'cpu', { signal });
    environment = session;
    return session;
  };
  try {
    await scoreGroups(sequences, groupAll(sequences), open, {
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
        cache?.set(sequence, inCompany, logit);
      },
      onBatch: async () => cache?.save(),
      onAdvance,
    });
  } finally {
    // What an interrupted run has computed need not be computed again.
    await cache?.save('now');
  }
  const perRow = Float64Array.from(
    { length: sequences.rows },
    (_, row) => logits[sequences.ofRow(row)] ?? Number.NaN,
  );
  return {
    scores: perRow.map((logit) => activate(logit, activation)),
    logits: perRow,
    distinctTexts: sequences.count,
    tokens: sequences.tokens,
    truncatedRows,
    cachedTexts,
    executionProvider: environment.executionProvider,
    runtimeVersion: environment.runtimeVersion,
  };
}

/** The cache of one model on one execution provider of one runtime, by the number of a sequence. */
async function openCache(
  place: CachePlace | undefined,
  { executionProvider, runtimeVersion }: Pick<Scores, 'executionProvider' | 'runtimeVersion'>,
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

/** sigmoid(x) = 1 / (1 + e^−x), computed in float64 and rounded to float32 as the training code's own is. */
function activate(logit: number, activation: ScoreOptions['activation']): number {
  return activation === 'sigmoid' ? Math.fround(1 / (1 + Math.exp(-logit))) : logit;
}
