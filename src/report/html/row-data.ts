/** The rows behind a report, as its page carries them. The page's script reads this very shape. */
export interface RowData {
  /** What the label column holds. */
  readonly labelName: string;
  /** Rows of the test split; those below may be fewer. */
  readonly total: number;
  /** For each row here its number in the split, counted from 1 without the header; absent when all are here. */
  readonly numbers?: readonly number[];
  readonly labels: readonly number[];
  readonly predictions: readonly number[];
  /** The model's inputs, each cut to `textLimit` characters; empty when the limit is 0. */
  readonly texts: readonly string[];
  /** Length of a text before it was cut, for those that were, by place in `texts`. */
  readonly cut: Readonly<Record<number, number>>;
  readonly textLimit: number;
}
