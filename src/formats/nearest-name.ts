import { distance } from 'fastest-levenshtein';

/** The closest of the known names, if it is close enough to be a slip of the hand: at most a third of the letters differ. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((other) => ({ other, edits: distance(name.toLowerCase(), other.toLowerCase()) }));
  const best = ranked.sort((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits <= Math.max(2, name.length / 3) ? best.other : undefined;
}
