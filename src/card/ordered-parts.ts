/** A piece of a file: one that Hubwright writes has a name, one of the author's has none that Hubwright knows. */
export interface Part {
  readonly name?: string;
  readonly text: string;
}

/**
 * Puts new parts into a file that has some of them already. What is there keeps its place, and what has no name among
 * `fresh` its every character; a part that is new goes behind the nearest one that precedes it in `fresh`.
 *
 * @param isStale whether a named part that `fresh` no longer has is Hubwright's own, and goes.
 * @param gap what stands between a new part and its neighbour.
 */
export function mergeParts(
  existing: readonly Part[],
  fresh: readonly Required<Part>[],
  { isStale, gap }: { readonly isStale: (name: string) => boolean; readonly gap: string },
): Part[] {
  const byName = new Map(fresh.map((part) => [part.name, part]));
  const merged = existing
    .filter(({ name }) => name === undefined || byName.has(name) || !isStale(name))
    .map((part) => (part.name === undefined ? part : (byName.get(part.name) ?? part)));
  for (const [i, part] of fresh.entries()) {
    if (merged.some(({ name }) => name === part.name)) continue;
    const before = new Set(fresh.slice(0, i).map(({ name }) => name));
    const anchor = merged.findLastIndex(({ name }) => name !== undefined && before.has(name));
    const pieces = anchor < 0 ? [part, { text: gap }] : [{ text: gap }, part];
    merged.splice(anchor + 1, 0, ...pieces.filter(({ text }) => text !== ''));
  }
  return merged;
}

export function joinParts(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('');
}
