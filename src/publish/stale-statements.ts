import { compareManifest, listBeside } from '../attest/manifest.ts';
import { readSignature } from '../attest/model-signature.ts';
import { compareProvenance, readProvenance } from '../attest/provenance.ts';
import { type Lock, PROVENANCE_FILE, SIGNATURE_FILE } from '../bundle.ts';

/**
 * What a statement says otherwise than these files do, by its name. The same comparisons as verify's: what it fails for
 * shall not be left on the Hub, and what it accepts shall not be taken away.
 */
const COMPARE: Readonly<
  Record<string, (text: string, lock: Lock, staying: ReadonlySet<string>) => string[]>
> = {
  [SIGNATURE_FILE]: (text, { files }, staying) => {
    const { statement } = readSignature(text);
    return [
      ...compareManifest(statement, files),
      ...listBeside(statement).filter((path) => !staying.has(path)),
    ];
  },
  [PROVENANCE_FILE]: (text, { files, rootDigest }) =>
    compareProvenance(readProvenance(text).statement, files, rootDigest),
};

export const STATEMENT_FILES: readonly string[] = Object.keys(COMPARE);

/** Texts of statements by path; undefined for one that is too large to be read. */
export type StatementTexts = ReadonlyMap<string, string | undefined>;

/**
 * The statements on the Hub that would be wrong about the files beside them, each with why it has to go.
 *
 * @param texts those that the bundle has none of its own to put in the place of
 * @param changes whether any locked file on the Hub becomes another: then also one that cannot be read, such as somebody's
 * own of another form, was made for files that are no more
 * @param staying the files on the Hub that are there and the same afterwards
 */
export function findStaleStatements(
  texts: StatementTexts,
  lock: Lock,
  changes: boolean,
  staying: ReadonlySet<string>,
): Map<string, string> {
  const stale = new Map<string, string>();
  for (const [path, text] of texts) {
    const isAbout = text === undefined ? undefined : isAboutFiles(path, text, lock, staying);
    if (isAbout === false) stale.set(path, 'it is about other files, and the bundle has none');
    else if (isAbout === undefined && changes)
      stale.set(path, 'the files that it was made for change, and the bundle has none');
  }
  return stale;
}

/** Undefined where that cannot be read from it. */
function isAboutFiles(
  path: string,
  text: string,
  lock: Lock,
  staying: ReadonlySet<string>,
): boolean | undefined {
  try {
    return COMPARE[path]?.(text, lock, staying).length === 0;
  } catch {
    return undefined;
  }
}
