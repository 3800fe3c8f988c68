import type { LockedFile } from '../bundle.ts';

/** A file as a statement lists it. */
export interface CoveredFile {
  readonly name: string;
  /** sha256 in hex. */
  readonly digest: string;
}

/** What a statement says otherwise than the files do; none means it is about exactly these. In path order. */
export function compareCovered(
  covered: readonly CoveredFile[],
  files: readonly Pick<LockedFile, 'path' | 'sha256'>[],
): string[] {
  const listed = new Map(covered.map(({ name, digest }) => [name, digest]));
  if (listed.size !== covered.length) return ['lists a file twice'];
  const differences: [string, string][] = [];
  for (const { path, sha256 } of files) {
    const digest = listed.get(path);
    listed.delete(path);
    if (digest === undefined) differences.push([path, `does not cover ${path}`]);
    else if (digest !== sha256) differences.push([path, `is about another ${path}`]);
  }
  for (const path of listed.keys()) differences.push([path, `covers ${path}, which is not there`]);
  return differences.sort(([a], [b]) => compareCodePoints(a, b)).map(([, text]) => text);
}

/** UTF-8 bytes sort as code points do; JavaScript's own order is that of UTF-16. */
export function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
