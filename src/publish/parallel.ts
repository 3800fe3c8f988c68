/** Runs `work` on every item, at most `limit` at a time. Results keep the items' order; the first error ends it. */
export async function runInParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as T, index).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  // What is under way is let finish: nothing may go on behind the back of whoever hears of the failure.
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const first = ends.find((end) => end.status === 'rejected');
  if (first !== undefined) throw first.reason;
  return results;
}
