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
 * (https://huggingface.co/docs/hub/storage-limits). Its quotas count in windows of five minutes.
 */
export const PATIENCE: Patience = {
  tries: 5,
  firstWaitMs: 1_000,
  maxWaitMs: 8_000,
  maxAskedWaitMs: 5 * 60_000,
  budgetMs: 15 * 60_000,
  stallMs: 60_000,
  slowAnswerMs: 180_000,
};
