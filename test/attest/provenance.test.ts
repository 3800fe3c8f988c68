import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attestBundle } from '../../src/attest/index.ts';
import { readProvenance } from '../../src/attest/provenance.ts';
import { findSourceCommit, toGitUri } from '../../src/attest/source-commit.ts';
import { readLock, writeLock } from '../../src/bundle.ts';
import { HubwrightError } from '../../src/errors.ts';
import { findSecretsInFile } from '../../src/formats/secret-scan.ts';
import { verify } from '../../src/verify/index.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';
import { editText, openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { makePair } from './keys.ts';

const FILE = 'provenance.intoto.json';
const RUN = join(import.meta.dirname, '../../artifacts/sample-run');

let workshop: Workshop;
let run: string;
let commit: string;
beforeAll(async () => {
  run = mkdtempSync(join(tmpdir(), 'hubwright-attest-'));
  cpSync(RUN, run, { recursive: true });
  commit = makeRepository(run, 'https://me:hunter2@example.org/me/training.git?token=hunter2');
  workshop = await openWorkshop(run);
});
afterAll(() => {
  workshop.dispose();
  rmSync(run, { recursive: true, force: true });
});

/** Makes a folder a Git repository with one commit; returns that commit. */
function makeRepository(dir: string, remote: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=me', '-c', 'user.email=me@example.org', ...args], {
      encoding: 'utf8',
    });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'train');
  git('remote', 'add', 'origin', remote);
  return git('rev-parse', 'HEAD').trim();
}

const statementIn = (dir: string) => readProvenance(readFileSync(join(dir, FILE), 'utf8')).statement;
const sha256sum = (path: string) => execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);

describe('the lock', () => {
  test('records every file of the run that was read, by its hash there', async () => {
    const { origin } = await readLock(workshop.clean);
    expect(origin?.inputs.map(({ path }) => path)).toEqual([
      'config.json',
      'eval_set.csv',
      'model.safetensors',
      'test_metrics.json',
      'test_predictions.csv',
      'test_set.csv',
      'tokenizer.json',
      'tokenizer_config.json',
      'train_set.csv',
      'training_args.bin',
      'training_results.json',
    ]);
    for (const { path, sha256 } of origin?.inputs ?? []) expect(sha256sum(join(run, path))).toBe(sha256);
  });

  test('keeps where it came from when files are written anew', async () => {
    const dir = workshop.copy();
    const before = await readLock(dir);
    editText(dir, 'README.md', (text) => `${text}\n`);
    const after = await writeLock(dir);
    expect(after.rootDigest).not.toBe(before.rootDigest);
    expect(after.origin).toEqual(before.origin);
  });
});

describe('provenance', () => {
  test('tells inputs, commit, base model, config and tool, and no credential of the remote', async () => {
    const dir = workshop.copy();
    editText(dir, 'hubwright.json', (text) =>
      text.replace('{', '{"baseModel": "answerdotai/ModernBERT-base",'),
    );
    await writeLock(dir);
    await attestBundle(dir);
    const { buildDefinition, runDetails } = statementIn(dir).predicate;
    const { resolvedDependencies = [], externalParameters } = buildDefinition;
    expect(resolvedDependencies).toContainEqual({
      name: 'test_set.csv',
      digest: { sha256: sha256sum(join(run, 'test_set.csv')) },
    });
    expect(resolvedDependencies).toContainEqual({
      name: 'source',
      uri: 'git+https://example.org/me/training.git',
      digest: { gitCommit: commit },
    });
    expect(resolvedDependencies).toContainEqual({
      name: 'base model',
      uri: 'pkg:huggingface/answerdotai/ModernBERT-base',
    });
    expect(externalParameters).toEqual({
      config: JSON.parse(readFileSync(join(dir, 'hubwright.json'), 'utf8')),
    });
    expect(runDetails.builder.id).toBe('pkg:npm/hubwright');
    expect(readFileSync(join(dir, FILE), 'utf8')).not.toMatch(/hunter2|\/tmp/);
  });

  test('tells the verdict on these very files, and none on others or on a part', async () => {
    const dir = workshop.copy();
    const verdict = () => {
      const [one] = statementIn(dir).predicate.runDetails.byproducts ?? [];
      return one === undefined ? undefined : JSON.parse(Buffer.from(one.content ?? '', 'base64').toString());
    };
    await verify(dir, { cheap: true });
    expect((await attestBundle(dir)).verified).toBeNull();
    expect(verdict()).toBeUndefined();
    const report = await verify(dir);
    expect((await attestBundle(dir)).verified).toBe(true);
    expect(verdict()).toMatchObject({ ok: true, rootDigest: report.rootDigest, metrics: report.metrics });
    editText(dir, 'README.md', (text) => `${text}\n`);
    await writeLock(dir);
    expect((await attestBundle(dir)).verified).toBeNull();
  });

  test('is the same bytes each time, and lies beside the lock', async () => {
    const dir = workshop.copy();
    const before = readFileSync(join(dir, 'hubwright.lock.json'), 'utf8');
    await attestBundle(dir);
    const first = readFileSync(join(dir, FILE), 'utf8');
    await attestBundle(dir);
    expect(readFileSync(join(dir, FILE), 'utf8')).toBe(first);
    expect((await writeLock(dir)).files.map(({ path }) => path)).not.toContain(FILE);
    expect(readFileSync(join(dir, 'hubwright.lock.json'), 'utf8')).toBe(before);
  });

  test('holds nothing that publish takes for a credential, signed or not', async () => {
    const dir = workshop.copy();
    await verify(dir);
    for (const key of [undefined, (await makePair()).privateKey]) {
      await attestBundle(dir, key);
      expect(await findSecretsInFile(join(dir, FILE))).toEqual([]);
    }
  });

  test('is refused for files that are not those of the lock, and without a record of where they came from', async () => {
    const changed = workshop.copy();
    editText(changed, 'README.md', (text) => `${text}\n`);
    expect(await catchError(attestBundle(changed))).toMatchObject({
      code: 'NOT_VERIFIED',
      message: 'README.md is not as the lock records it: nothing was attested',
    });
    const unknown = workshop.copy();
    editText(unknown, 'hubwright.lock.json', (text) => {
      const { origin: _, ...lock } = JSON.parse(text);
      return JSON.stringify(lock);
    });
    const error = await catchError(attestBundle(unknown));
    expect(error.message).toContain('does not record what it was made from');
    expect(error.hint).toContain('hubwright assemble');
    for (const dir of [changed, unknown]) expect(existsSync(join(dir, FILE))).toBe(false);
  });

  test('any text in its place is provenance or one clear error', async () => {
    const dir = workshop.copy();
    const { privateKey, publicKey } = await makePair();
    await attestBundle(dir, privateKey);
    const valid = readFileSync(join(dir, FILE), 'utf8');
    const tampered = fc
      .tuple(fc.nat(valid.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(tampered, fc.json(), fc.string()), (text) => {
        try {
          readProvenance(text).sealed?.madeBy(publicKey);
        } catch (error) {
          expect(error).toBeInstanceOf(HubwrightError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the source commit', () => {
  test('is none outside of a repository, or in one without a commit', async () => {
    const dir = makeTempDir();
    expect(await findSourceCommit(dir)).toBeUndefined();
    execFileSync('git', ['-C', dir, 'init', '-q']);
    expect(await findSourceCommit(dir)).toBeUndefined();
  });

  test.each([
    ['https://github.com/me/x.git', 'git+https://github.com/me/x.git'],
    ['https://token@github.com/me/x', 'git+https://github.com/me/x'],
    ['https://me:token@host:8443/x?key=token#token', 'git+https://host:8443/x'],
    ['git@github.com:me/x.git', 'git+ssh://git@github.com/me/x.git'],
    ['somebody@host.org:x', 'git+ssh://host.org/x'],
    ['ssh://git:token@host/x', 'git+ssh://git@host/x'],
    ['/home/me/x', undefined],
    ['../x', undefined],
    ['file:///home/me/x', undefined],
    ['C:\\Users\\me\\x', undefined],
    ['ext::sh -c evil', undefined],
  ])('its repository %s is told as %s', (remote, uri) => {
    expect(toGitUri(remote)).toBe(uri);
  });
});

describe.skipIf(PYTHON === undefined)(`provenance, checked in Python${WITHOUT_PYTHON}`, () => {
  const check = (dir: string, ...key: string[]) =>
    JSON.parse(runOracle('check_provenance.py', [dir, ...key])) as { verdict: string; statement: object };

  test('unsigned, is an in-toto statement with SLSA provenance about exactly these files', async () => {
    const dir = workshop.copy();
    await verify(dir);
    await attestBundle(dir);
    const { verdict, statement } = check(dir);
    expect(verdict).toBe('ok');
    expect(statement).toEqual(statementIn(dir));
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    expect(check(dir).verdict).toBe('files');
  });

  test.each(['P-256', 'P-384', 'P-521'])(
    'signed on %s, is right until something is touched',
    async (curve) => {
      const dir = workshop.copy();
      const pair = await makePair(curve);
      await attestBundle(dir, pair.privateKey);
      const { verdict, statement } = check(dir, pair.publicPath);
      expect(verdict).toBe('ok');
      expect(statement).toEqual(statementIn(dir));
      expect(check(dir, (await makePair(curve)).publicPath).verdict).toBe('signature');
      editText(dir, FILE, (text) => {
        const document = JSON.parse(text);
        const payload = Buffer.from(document.dsseEnvelope.payload, 'base64').toString();
        document.dsseEnvelope.payload = Buffer.from(payload.replace('pkg:npm', 'pkg:mpn')).toString('base64');
        return JSON.stringify(document);
      });
      expect(check(dir, pair.publicPath).verdict).toBe('signature');
    },
  );
});
