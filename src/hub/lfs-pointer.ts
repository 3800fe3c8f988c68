/** What a git-lfs pointer says: the content's SHA-256 and its size in bytes. */
export interface LfsPointer {
  readonly oid: string;
  readonly size: number;
}

/** The pointer file that git stores in place of a large file (git-lfs specification, version 1). */
export function formatPointer({ oid, size }: LfsPointer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
}

/** Reads a pointer file; `undefined` when the bytes are anything else. */
export function parsePointer(bytes: Uint8Array): LfsPointer | undefined {
  const [, oid, digits] =
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n?$/.exec(
      Buffer.from(bytes).toString('latin1'),
    ) ?? [];
  return oid === undefined || digits === undefined ? undefined : { oid, size: Number(digits) };
}
