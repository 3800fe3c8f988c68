/** Something that the run's own files tell, and how. */
export interface Fact<T = unknown> {
  /** The key of `hubwright.json`, dotted. */
  readonly key: string;
  readonly value: T;
  /** What it was inferred from, in words. */
  readonly from: string;
}

export function fact<T>(key: string, value: T, from: string): Fact<T> {
  return { key, value, from };
}
