import { setTimeout as wait } from 'node:timers/promises';
import type { StageOptions } from '../progress.ts';

/** How long a publish waits, and for what. Milliseconds, but for `tries`. */
export interface Patience {
  /** How often a request is sent before its failure counts. */
  readonly tries: number;
  /** The first wait; each next one is twice as long, up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** The longest wait that a server may ask for. Whoever asks for more means an hour, and a person decides. */
  readonly maxAskedWaitMs: number;
  /** All waits of one publish together. */
  readonly budgetMs: number;
  /** A request in which no byte moves for so long is given up, and counts as a dropped connection. */
  readonly stallMs: number;
  /** As `stallMs`, for answers that the Hub has to work for: a commit, the joining of a large file's parts. */
  readonly slowAnswerMs: number;
}

/**
 * The Hub's own limit for a request is 60 seconds, after which it may still finish the work
 * (https://huggingface.co/docs/hub/storage-limits). Its quotas count in windows of five minutes, and the second after
 * one is over is waited for too.
 */
export const PATIENCE: Patience = {
  tries: 5,
  firstWaitMs: 1_000,
  maxWaitMs: 8_000,
  maxAskedWaitMs: 5 * 60_000 + 1_000,
  budgetMs: 15 * 60_000,
  stallMs: 60_000,
  slowAnswerMs: 180_000,
};

/** The wait after the so-many-th try, each twice as long as the one before. */
export function backOff(tries: number, { firstWaitMs, maxWaitMs }: Patience): number {
  return Math.min(firstWaitMs * 2 ** (tries - 1), maxWaitMs);
}

export interface PatientOptions extends StageOptions {
  readonly patience?: Partial<Patience> | undefined;
}

/** Says what failed and waits before it is tried again. */
export async function waitToRepeat(failure: string, tries: number, options: PatientOptions): Promise<void> {
  const delay = backOff(tries, { ...PATIENCE, ...options.patience });
  const message = `${failure}; trying again in ${Math.ceil(delay / 1000)} s`;
  options.onProgress?.({ kind: 'note', message });
  await wait(delay, undefined, options.signal === undefined ? {} : { signal: options.signal });
}
