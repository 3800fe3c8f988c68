import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LOCK_FILE, type LockedFile, PROVENANCE_FILE, REPORT_FILE, SIGNATURE_FILE } from '../bundle.ts';
import { compareCodePoints, compareCovered } from './covered-files.ts';
import { STATEMENT_TYPE, type Statement, sha256Hex, statementSchema } from './statement.ts';

/** OpenSSF model signing v1.0: https://github.com/sigstore/model-transparency */
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';

/**
 * What the signature does not cover: itself, what is written after it and names it, and what git and the Hub's clients
 * add to a copy. Recorded in it, so that every verifier leaves out the same.
 */
const IGNORED = [
  '.cache',
  '.git',
  '.gitattributes',
  '.github',
  '.gitignore',
  LOCK_FILE,
  SIGNATURE_FILE,
  PROVENANCE_FILE,
  REPORT_FILE,
];

export const manifestSchema = statementSchema(
  PREDICATE_TYPE,
  z.looseObject({
    serialization: z.looseObject({ method: z.literal('files'), hash_type: z.literal('sha256') }),
    resources: z.array(
      z.looseObject({ name: z.string(), algorithm: z.literal('sha256'), digest: sha256Hex }),
    ),
  }),
);

export type Manifest = z.output<typeof manifestSchema>;

/** A statement of which files a model is made of. */
export function makeManifest(name: string, files: readonly LockedFile[]): Statement<object> {
  const covered = sortByParts(files.filter(({ path }) => !isIgnored(path)));
  const resources = covered.map(({ path, sha256 }) => ({ name: path, algorithm: 'sha256', digest: sha256 }));
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: digestResources(resources) } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: IGNORED,
      },
      resources,
    },
  };
}

/** The model's one digest: sha256 over the files' digests as bytes, in the order listed. */
export function digestResources(resources: readonly { readonly digest: string }[]): string {
  const hash = createHash('sha256');
  for (const { digest } of resources) hash.update(digest, 'hex');
  return hash.digest('hex');
}

/**
 * What a signed manifest says otherwise than the model's files do; none means it is about exactly these. In path order.
 * What it covers beside them is for `compareBeside`.
 */
export function compareManifest(manifest: Manifest, files: readonly LockedFile[]): string[] {
  const { resources } = manifest.predicate;
  if (manifest.subject.length !== 1) return ['names several models'];
  if (manifest.subject[0]?.digest.sha256 !== digestResources(resources)) {
    return ['contradicts itself: its digest is not that of the files it lists'];
  }
  return compareCovered(
    resources.filter(({ name }) => !isIgnored(name)),
    files.filter(({ path }) => !isIgnored(path)),
  );
}

/** Files that a manifest covers though a signature need not, by path: another tool's leaves out less than ours. */
export function listBeside({ predicate }: Manifest): string[] {
  return predicate.resources.map(({ name }) => name).filter(isIgnored);
}

/** What a signed manifest says otherwise than the files do that it covers beside the model's. In path order. */
export function compareBeside(manifest: Manifest, files: readonly LockedFile[]): string[] {
  const beside = new Set(listBeside(manifest));
  return compareCovered(
    manifest.predicate.resources.filter(({ name }) => beside.has(name)),
    files.filter(({ path }) => beside.has(path)),
  );
}

/** What to do about a signature that is wrong about such a file. */
export const SIGN_WITHOUT_IT =
  'sign again without it, since others write it anew: hubwright sign leaves it out, model_signing does with --ignore-paths';

/** Our own list decides, not the one in the signature: else a signature could say that it covers nothing. */
function isIgnored(path: string): boolean {
  return IGNORED.some((ignored) => path === ignored || path.startsWith(`${ignored}/`));
}

/** Folder by folder, as Python orders paths: `a/b` comes before `a.txt`. */
function sortByParts(files: readonly LockedFile[]): LockedFile[] {
  return [...files].sort((a, b) => {
    const [left, right] = [a.path.split('/'), b.path.split('/')];
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const order = compareCodePoints(left[i] ?? '', right[i] ?? '');
      if (order !== 0) return order;
    }
    return left.length - right.length;
  });
}
