/** How far scoring has come. */
export interface ScoreProgress {
  /** Rows scored, equal ones included, and rows to score. */
  readonly done: number;
  readonly total: number;
  /** Tokens computed a second so far; undefined before the first batch. */
  readonly tokensPerSecond?: number;
  /** Seconds left at that rate. */
  readonly secondsLeft?: number;
}

/** Counts rows and tokens, and tells after each batch how fast it goes. */
export function countProgress(
  total: { readonly rows: number; readonly tokens: number },
  onAdvance: ((progress: ScoreProgress) => void) | undefined,
) {
  const begun = performance.now();
  let rows = 0;
  let tokens = 0;
  return {
    /** Rows that needed no computing, or a batch of `batchTokens` that is done. */
    advance(batchRows: number, batchTokens = 0): void {
      rows += batchRows;
      tokens += batchTokens;
      const tokensPerSecond = tokens / ((performance.now() - begun) / 1000);
      const rate =
        tokens > 0 ? { tokensPerSecond, secondsLeft: (total.tokens - tokens) / tokensPerSecond } : {};
      onAdvance?.({ done: rows, total: total.rows, ...rate });
    },
  };
}
