import { join } from 'node:path';
import type { LockedFile } from '../bundle.ts';
import type { VerificationReport } from '../verification.ts';
import { hashGitBlob } from './git-hash.ts';
import type { Gating, Refs } from './hub-client.ts';
import type { StatementTexts } from './stale-statements.ts';

/** The branch that a repository begins with. */
export const MAIN = 'main';

/** How the Hub keeps a file: in Git itself, or in large-file storage (LFS or Xet) with a pointer in Git. */
export type UploadMode = 'regular' | 'lfs';

/** A file as the Hub's tree lists it. */
export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  /** Git's object id: of the bytes, or, for a file in LFS, of its pointer. */
  readonly gitOid: string;
  /** sha256 of the bytes; the Hub knows it only for files in LFS. */
  readonly sha256: string | undefined;
}

/** Git blob ids of local files, by path, for comparison with files that the Hub does not keep in LFS. */
export type GitOids = ReadonlyMap<string, string>;

/** Where a publish goes to. */
export interface Target {
  /** The branch; with a pull request, the one that it asks to be merged into. */
  readonly branch: string;
  /** Set when the commit goes into a pull request; null while that has to be opened. */
  readonly pull: { readonly number: number | null } | undefined;
}

/** What the Hub has, as far as a plan needs it. */
export interface RemoteState {
  readonly exists: boolean;
  /** Whose token it is; undefined when the Hub does not say. */
  readonly account: string | undefined;
  readonly target: Target;
  /** The commit that the next one builds on; null while there is none. */
  readonly head: string | null;
  /** Whether the target's branch, or its pull request, is there already. */
  readonly targetExists: boolean;
  readonly refs: Refs;
  readonly settings: { readonly private: boolean; readonly gated: Gating } | undefined;
  readonly files: readonly RemoteFile[];
  readonly oids: GitOids;
  /** How the Hub said it would keep each local file; empty while there is no repository to ask. */
  readonly modes: ReadonlyMap<string, UploadMode>;
  /** The Hub's verification.json says the same about the same files, whatever its bytes. */
  readonly sameReport: boolean;
  /** The verification.json on the Hub, where it is one. */
  readonly report: VerificationReport | undefined;
  /** The signature and the provenance on the Hub, as far as the bundle has none of its own. */
  readonly statements: StatementTexts;
  /** The README.md on the Hub. */
  readonly card: string | undefined;
  /** The Hub's remarks on the card. */
  readonly warnings: readonly string[];
}

/** Hashes those local files that only Git's hash can compare with their remote namesakes; a size that differs says enough. */
export async function hashForComparison(
  dir: string,
  files: readonly LockedFile[],
  remote: readonly RemoteFile[],
): Promise<GitOids> {
  const byPath = new Map(remote.map((file) => [file.path, file]));
  const oids = new Map<string, string>();
  for (const { path, size } of files) {
    const there = byPath.get(path);
    if (there === undefined || there.sha256 !== undefined || there.size !== size) continue;
    oids.set(path, await hashGitBlob(join(dir, path)));
  }
  return oids;
}

/** Whether the Hub's file has exactly the local file's bytes. */
export function holdsSameBytes(file: LockedFile, there: RemoteFile, oids: GitOids): boolean {
  if (there.size !== file.size) return false;
  return there.sha256 === undefined ? there.gitOid === oids.get(file.path) : there.sha256 === file.sha256;
}
