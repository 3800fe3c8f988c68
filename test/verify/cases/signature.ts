import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashBeside, signBundle } from '../../../src/attest/index.ts';
import { hashBundle, writeLock } from '../../../src/bundle.ts';
import { signAll } from '../../attest/sign-all.ts';
import { editText } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase, skips } from './rule-case.ts';

const makeKeys = () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secret: { key: privateKey, hash: 'sha256' },
    publicKey: { key: createPublicKey(privateKey), hash: 'sha256' },
  };
};
/** The key that signs in these cases, and one that does not. */
export const mine = makeKeys();
export const other = makeKeys();

const sign: Damage = async (dir) => {
  await signBundle(dir, mine.secret);
};
const signThenEdit: Damage = async (dir) => {
  await signBundle(dir, mine.secret);
  editText(dir, 'README.md', (text) => `${text}\n`);
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  // The lock follows the edit, as that of someone who hides one would; the signature cannot.
  await writeLock(dir);
};

/** Signs as another tool does, over the report too; not over the lock, which is written again after this. */
const signEverything: Damage = async (dir) => {
  writeFileSync(join(dir, 'verification.json'), '{"of": "the last verification"}');
  const beside = (await hashBeside(dir)).filter(({ path }) => path !== 'hubwright.lock.json');
  writeFileSync(join(dir, 'model.sig'), signAll([...(await hashBundle(dir)), ...beside], mine.secret));
};
const signEverythingThenReplace: Damage = async (dir) => {
  await signEverything(dir);
  writeFileSync(join(dir, 'verification.json'), '{"of": "another verification"}');
};
const signEverythingThenRemove: Damage = async (dir) => {
  await signEverything(dir);
  rmSync(join(dir, 'verification.json'));
};

export const SIGNATURE_CASES: readonly RuleCase[] = [
  passes('signature', 'signed with the key', sign, { options: { publicKey: mine.publicKey } }),
  skips('signature', 'not signed', () => {}, 'the bundle is not signed'),
  skips('signature', 'signed, and no key to check it with', sign, 'signed, but --key did not say'),
  fails('signature', 'not signed, though a key was named', () => {}, ['model.sig: is missing'], {
    options: { publicKey: mine.publicKey },
  }),
  fails(
    'signature',
    'signed with another key',
    sign,
    [/was not made by the key \w{12}…, .*the key \w{12}…/],
    {
      options: { publicKey: other.publicKey },
    },
  ),
  fails('signature', 'edited after signing', signThenEdit, [
    'model.sig: is about another README.md',
    'model.sig: does not cover notes.txt',
  ]),
  passes('signature', 'made by another tool over the report too', signEverything, {
    options: { publicKey: mine.publicKey },
  }),
  fails('signature', 'made over a report that was replaced since', signEverythingThenReplace, [
    'model.sig: is about another verification.json',
  ]),
  fails('signature', 'made over a report that is gone', signEverythingThenRemove, [
    'model.sig: covers verification.json, which is not there',
  ]),
  fails('signature', 'no signature in the file', (dir) => writeFileSync(join(dir, 'model.sig'), '{}'), [
    'model.sig is no model signature: it is no Sigstore bundle',
  ]),
];
