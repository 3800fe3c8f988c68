import type { SigningKey } from '../attest/keys.ts';
import { fingerprint, type SealedStatement } from '../attest/sealed-statement.ts';
import type { RuleFinding } from './rule.ts';

/** Enough to see what is wrong; a statement about another model differs in every file. */
const MAX_NAMED = 5;

/** What a statement says otherwise than the files, the first of it by name. */
export function listDifferences(path: string, differences: readonly string[]): RuleFinding[] {
  const more = differences.length - MAX_NAMED;
  const listed = differences.slice(0, MAX_NAMED).map((message) => ({ path, message }));
  return more > 0 ? [...listed, { path, message: `and ${more} more such differences` }] : listed;
}

/** For a statement that the expected key has not signed. */
export function blameSigner(
  path: string,
  { keyHint }: Pick<SealedStatement<unknown>, 'keyHint'>,
  publicKey: SigningKey,
): RuleFinding {
  const wanted = fingerprint(publicKey.key).slice(0, 12);
  const named = keyHint === undefined ? '' : `; it names the key ${keyHint.slice(0, 12)}…`;
  return {
    path,
    message: `was not made by the key ${wanted}…, or was changed since${named}`,
    hint: 'check that --key is the public key of who signed; if it is, trust none of these files',
  };
}
