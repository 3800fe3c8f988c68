/** Runs what it is given, at most so many at a time; the rest waits its turn. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Macs start with 256 file descriptors a process: a listing of a thousand files must not open them at once. */
export const OPEN_FILES = 32;

export function createGate(most: number): Gate {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place passes straight to the next in line, so nobody can slip in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
