import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attestBundle } from '../../../src/attest/index.ts';
import { sealStatement } from '../../../src/attest/sealed-statement.ts';
import { writeLock } from '../../../src/bundle.ts';
import { verify } from '../../../src/verify/index.ts';
import { editText } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase, skips } from './rule-case.ts';
import { mine, other } from './signature.ts';

const FILE = 'provenance.intoto.json';
const WITH_KEY = { options: { publicKey: mine.publicKey } };

const attest: Damage = async (dir) => {
  await attestBundle(dir, mine.secret);
};
const attestUnsigned: Damage = async (dir) => {
  await attestBundle(dir);
};
const attestThenEdit: Damage = async (dir) => {
  await attestBundle(dir, mine.secret);
  editText(dir, 'README.md', (text) => `${text}\n`);
  writeFileSync(join(dir, 'notes.txt'), 'mine');
  await writeLock(dir);
};

interface Editable {
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: { runDetails: { builder: { id: string }; byproducts?: { name: string; content: string }[] } };
}

/** A statement as somebody with the key would have to write it to deceive. */
const forge =
  (edit: (statement: Editable) => void): Damage =>
  async (dir) => {
    await attestBundle(dir);
    const statement = JSON.parse(readFileSync(join(dir, FILE), 'utf8'));
    edit(statement);
    writeFileSync(join(dir, FILE), sealStatement(statement, mine.secret));
  };

/** Changes what was signed and keeps the signature. */
const tamper: Damage = async (dir) => {
  await attestBundle(dir, mine.secret);
  const document = JSON.parse(readFileSync(join(dir, FILE), 'utf8'));
  const { dsseEnvelope } = document;
  const text = Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8');
  const edited = text.replace('"pkg:npm/hubwright"', '"pkg:npm/trustworthy"');
  if (edited === text) throw new Error('nothing was tampered with');
  dsseEnvelope.payload = Buffer.from(edited).toString('base64');
  writeFileSync(join(dir, FILE), JSON.stringify(document));
};

const tellVerdict = (content: object) => (statement: Editable) => {
  statement.predicate.runDetails.byproducts = [
    { name: 'verification.json', content: Buffer.from(JSON.stringify(content)).toString('base64') },
  ];
};

export const PROVENANCE_CASES: readonly RuleCase[] = [
  passes('provenance', 'signed with the key', attest, WITH_KEY),
  passes(
    'provenance',
    'verified before it was attested, and again after',
    async (dir) => {
      await verify(dir, { only: ['lock-intact'] });
      await attest(dir);
    },
    WITH_KEY,
  ),
  skips('provenance', 'none there', () => {}, `the bundle has no ${FILE}`),
  skips('provenance', 'not signed', attestUnsigned, 'it is about these files, but nobody signed it'),
  skips('provenance', 'signed, and no key to check it with', attest, 'signed, but --key did not say'),
  fails(
    'provenance',
    'not signed, though a key was named',
    attestUnsigned,
    [`${FILE}: is not signed`],
    WITH_KEY,
  ),
  fails(
    'provenance',
    'signed with another key',
    attest,
    [/was not made by the key \w{12}…, .*the key \w{12}…/],
    {
      options: { publicKey: other.publicKey },
    },
  ),
  fails(
    'provenance',
    'tampered with',
    tamper,
    [/was not made by the key \w{12}…, or was changed since/],
    WITH_KEY,
  ),
  fails('provenance', 'edited after attesting', attestThenEdit, [
    `${FILE}: is about another README.md`,
    `${FILE}: does not cover notes.txt`,
  ]),
  fails(
    'provenance',
    'a subject left out by who has the key',
    forge(({ subject }) => subject.splice(0, 1)),
    [`${FILE}: does not cover README.md`],
    WITH_KEY,
  ),
  fails(
    'provenance',
    'the verdict on other files',
    forge(tellVerdict({ rootDigest: '0'.repeat(64), ok: true })),
    [`${FILE}: tells of a verification of other files`],
    WITH_KEY,
  ),
  fails(
    'provenance',
    'a verdict that is none',
    forge(tellVerdict(['verified'])),
    [`${FILE}: tells of a verification that cannot be read`],
    WITH_KEY,
  ),
  fails(
    'provenance',
    'another kind of statement',
    forge((statement) => {
      statement.predicateType = 'https://example.org/other/v1';
    }),
    [`${FILE} is no provenance: predicateType`],
    WITH_KEY,
  ),
  fails('provenance', 'no statement in the file', (dir) => writeFileSync(join(dir, FILE), '{}'), [
    `${FILE} is no provenance: it is no Sigstore bundle`,
  ]),
];
