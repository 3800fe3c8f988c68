import { setImmediate } from 'node:timers/promises';

/**
 * Texts to score: a list, or a function that hands over one after the other, so that a file can be read without being
 * kept.
 */
export type TextSource = Iterable<string> | ((take: (text: string) => void) => Promise<void>);

/** Texts taken before other things on this thread get their turn. */
const CHUNK = 64;

/** Hands every text of a source to `take`. */
export async function takeTexts(source: TextSource, take: (text: string) => void): Promise<void> {
  if (typeof source === 'function') return source(take);
  let taken = 0;
  for (const text of source) {
    take(text);
    taken += 1;
    if (taken % CHUNK === 0) await setImmediate();
  }
}
