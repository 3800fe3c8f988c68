import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attestBundle, hashBeside, signBundle } from '../../src/attest/index.ts';
import {
  hashBundle,
  LOCK_FILE,
  PROVENANCE_FILE,
  REPORT_FILE,
  readLock,
  recordOrigin,
  SIGNATURE_FILE,
} from '../../src/bundle.ts';
import { download } from '../../src/publish/download.ts';
import { describePull } from '../../src/publish/pull-description.ts';
import { formatPlan } from '../../src/report/plan.ts';
import { verify } from '../../src/verify/index.ts';
import { makePair } from '../attest/keys.ts';
import { signAll } from '../attest/sign-all.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { commitBeside, REPO, type Stage, setStage, TOKEN } from './stage.ts';

const CONFIG = JSON.stringify({
  repo: REPO,
  input: { template: '{{text}}', label: 'score', maxLength: 128 },
  license: 'mit',
});
const STATEMENTS = [SIGNATURE_FILE, PROVENANCE_FILE];

/** A stage whose bundle is signed and attested, and published. */
async function publishSigned(): Promise<Stage> {
  const stage = await setStage();
  await stage.change({ 'hubwright.json': CONFIG });
  await recordOrigin(stage.dir, await readLock(stage.dir), { tool: '0.1.0', inputs: [] });
  await state(stage);
  await stage.publish();
  return stage;
}

async function state({ dir }: Stage): Promise<void> {
  const { privateKey } = await makePair();
  await signBundle(dir, privateKey);
  await attestBundle(dir, privateKey);
}

async function unsign({ dir }: Stage): Promise<void> {
  for (const file of STATEMENTS) await rm(join(dir, file));
}

/** What verify says of the published statements: both rules' findings, and their reasons where they were skipped. */
async function verifyPublished({ hubUrl }: Stage) {
  const dir = makeTempDir();
  await download(dir, { repo: REPO, hubUrl, accessToken: TOKEN });
  const { checks, findings } = await verify(dir, { only: ['lock-intact', 'signature', 'provenance'] });
  return {
    checks: Object.fromEntries(checks.map(({ rule, status }) => [rule, status])),
    reasons: checks.flatMap(({ reason }) => reason ?? []),
    findings: findings.map(({ path, message }) => `${path} ${message}`),
  };
}

test('those about earlier files go with them, in the one commit, and what is there then verifies', async () => {
  const stage = await publishSigned();
  await unsign(stage);
  await stage.change({ 'config.json': '{"model_type": "other"}\n' });
  stage.commits.length = 0;
  const { plan, commit } = await stage.publish();
  expect(stage.commits).toHaveLength(1);
  expect(commit).not.toBeNull();
  const reason = 'it is about other files, and the bundle has none';
  expect(plan.deleted).toMatchObject(
    STATEMENTS.map((path) => ({ path, action: 'delete', mode: 'regular', reason })),
  );
  expect(formatPlan(plan, (_, text) => text)).toMatch(
    /^ {2}- {2}model\.sig .*\(it is about other files, and/m,
  );
  expect(describePull(plan, null)).toContain(`| model.sig | delete: ${reason} |`);
  expect(Object.keys(await stage.listHub()).filter((path) => STATEMENTS.includes(path))).toEqual([]);
  expect(await verifyPublished(stage)).toEqual({
    checks: { 'lock-intact': 'pass', signature: 'skip', provenance: 'skip' },
    reasons: ['the bundle is not signed', `the bundle has no ${PROVENANCE_FILE}`],
    findings: [],
  });
});

test('those that are still right stay, and are no reason for a commit', async () => {
  const stage = await publishSigned();
  await unsign(stage);
  const { commit, plan } = await stage.publish();
  expect(commit).toBeNull();
  expect(plan.kept).toEqual(expect.arrayContaining(STATEMENTS));
  // Nor does another report about the same files make them wrong.
  await stage.change({}, { tool: { name: 'hubwright', version: '99.0.0' } });
  expect((await stage.publish()).plan.deleted).toEqual([]);
  expect((await verifyPublished(stage)).findings).toEqual([]);
});

test('those of the bundle take the place of those on the Hub', async () => {
  const stage = await publishSigned();
  await stage.change({ 'config.json': '{"model_type": "other"}\n' });
  await state(stage);
  stage.requests.length = 0;
  const { plan } = await stage.publish();
  expect(stage.requests.filter((request) => STATEMENTS.some((path) => request.endsWith(path)))).toEqual([]);
  expect(plan.deleted).toEqual([]);
  expect(plan.files.filter(({ path }) => STATEMENTS.includes(path))).toMatchObject([
    { action: 'update' },
    { action: 'update' },
  ]);
  expect((await verifyPublished(stage)).checks).toMatchObject({ signature: 'skip', provenance: 'skip' });
});

/** Signs as another tool does, over whatever of these is there. */
async function signAllOf({ dir }: Stage, beside: readonly string[]): Promise<void> {
  const { privateKey } = await makePair();
  const more = (await hashBeside(dir)).filter(({ path }) => beside.includes(path));
  await writeFile(join(dir, SIGNATURE_FILE), signAll([...(await hashBundle(dir)), ...more], privateKey));
}

test('one that covers the report goes out with it, and not with another', async () => {
  const stage = await setStage();
  await stage.change({ 'hubwright.json': CONFIG });
  await signAllOf(stage, [REPORT_FILE]);
  expect((await stage.publish()).commit).not.toBeNull();
  expect((await verifyPublished(stage)).findings).toEqual([]);
  await stage.change({}, { tool: { name: 'hubwright', version: '99.0.0' } });
  stage.requests.length = 0;
  const error = await stage.fail();
  expect(error).toMatchObject({
    code: 'NOT_VERIFIED',
    message: 'published, model.sig would be wrong: it is about another verification.json',
    hint: expect.stringContaining('hubwright sign leaves it out'),
  });
  expect(stage.requests).toEqual([]);
});

test('one that covers the lock does not go out: the lock stays here', async () => {
  const stage = await setStage();
  await signAllOf(stage, [LOCK_FILE]);
  const { message } = await stage.fail();
  expect(message).toBe(
    'published, model.sig would be wrong: it covers hubwright.lock.json, which is not there',
  );
});

test('one on the Hub that covers the report stays as long as the report does', async () => {
  const stage = await setStage();
  await stage.change({ 'hubwright.json': CONFIG });
  await signAllOf(stage, [REPORT_FILE]);
  await stage.publish();
  await rm(join(stage.dir, SIGNATURE_FILE));
  expect((await stage.publish()).commit).toBeNull();
  await stage.change({}, { tool: { name: 'hubwright', version: '99.0.0' } });
  expect((await stage.publish()).plan.deleted.map(({ path }) => path)).toEqual([SIGNATURE_FILE]);
  expect((await verifyPublished(stage)).findings).toEqual([]);
});

test('one that was left there earlier goes, and somebody else’s in a folder stays', async () => {
  const stage = await publishSigned();
  const old = await readFile(join(stage.dir, SIGNATURE_FILE), 'utf8');
  await unsign(stage);
  await stage.change({ 'config.json': '{"model_type": "other"}\n' });
  await stage.publish();
  await commitBeside(stage.hubUrl, SIGNATURE_FILE, REPO, old);
  await commitBeside(stage.hubUrl, `theirs/${SIGNATURE_FILE}`, REPO, old);
  expect((await verifyPublished(stage)).findings).toContain('model.sig is about another config.json');
  const { plan, commit } = await stage.publish();
  expect(plan.deleted.map(({ path }) => path)).toEqual([SIGNATURE_FILE]);
  expect(plan.files.every(({ action }) => action === 'unchanged')).toBe(true);
  expect(commit).not.toBeNull();
  expect(await stage.listHub()).toHaveProperty(`theirs/${SIGNATURE_FILE}`);
  expect((await stage.publish()).commit).toBeNull();
});

test('one that cannot be read goes only when the files under it change', async () => {
  const stage = await setStage();
  await stage.publish();
  await commitBeside(stage.hubUrl, SIGNATURE_FILE, REPO, 'of another form');
  expect(await stage.publish()).toMatchObject({ commit: null, plan: { deleted: [] } });
  // The report is no file that a signature covers.
  await stage.change({}, { tool: { name: 'hubwright', version: '99.0.0' } });
  expect((await stage.publish()).plan.deleted).toEqual([]);
  await stage.change({ 'config.json': '{}\n' });
  expect((await stage.publish()).plan.deleted).toMatchObject([
    { path: SIGNATURE_FILE, reason: 'the files that it was made for change, and the bundle has none' },
  ]);
});

test('a dry run shows it, and deletes nothing', async () => {
  const stage = await publishSigned();
  await unsign(stage);
  await writeFile(join(stage.dir, 'config.json'), '{}\n');
  await stage.change({});
  const { plan } = await stage.publish({ dryRun: true });
  expect(plan.deleted.map(({ path }) => path)).toEqual(STATEMENTS);
  expect(Object.keys(await stage.listHub())).toEqual(expect.arrayContaining(STATEMENTS));
});
