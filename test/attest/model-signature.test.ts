import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBundleSignature, signBundle } from '../../src/attest/index.ts';
import { readPrivateKey } from '../../src/attest/keys.ts';
import { compareManifest, digestResources } from '../../src/attest/manifest.ts';
import { readSignature, signFiles } from '../../src/attest/model-signature.ts';
import { hashBundle, writeLock } from '../../src/bundle.ts';
import { HubwrightError } from '../../src/errors.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';
import { makePair } from './keys.ts';

const CONFIG = { repo: 'me/model', input: { template: '{{a}}', label: 'b', maxLength: 8 } };
const FILES = {
  'hubwright.json': JSON.stringify(CONFIG),
  'model.safetensors': 'weights',
  // In these names the order of whole paths, of UTF-16 and of path parts all differ.
  'onnx/model.onnx': 'graph',
  'onnx.txt': 'text',
  'ｚ.txt': 'full width',
  '😀.txt': 'astral',
};

async function makeBundle(): Promise<string> {
  const dir = makeTempDir();
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  await writeLock(dir);
  return dir;
}

function signatureIn(dir: string) {
  return readSignature(readFileSync(join(dir, 'model.sig'), 'utf8'));
}

describe('model.sig', () => {
  test.each(['P-256', 'P-384', 'P-521'])(
    'signed on %s is made by that key and by no other',
    async (curve) => {
      const dir = await makeBundle();
      const pair = await makePair(curve);
      const { digest, files } = await signBundle(dir, pair.privateKey);
      expect(files).toBe(6);
      const signature = signatureIn(dir);
      expect(signature.madeBy(pair.publicKey)).toBe(true);
      expect(signature.madeBy((await makePair(curve)).publicKey)).toBe(false);
      expect(signature.statement.subject).toEqual([{ name: 'me/model', digest: { sha256: digest } }]);
      expect(compareManifest(signature.statement, await hashBundle(dir))).toEqual([]);
    },
  );

  test('lists files in the order of their path parts, by code point', async () => {
    const dir = await makeBundle();
    await signBundle(dir, (await makePair()).privateKey);
    const { resources } = signatureIn(dir).statement.predicate;
    expect(resources.map(({ name }) => name)).toEqual([
      'hubwright.json',
      'model.safetensors',
      'onnx/model.onnx',
      'onnx.txt',
      'ｚ.txt',
      '😀.txt',
    ]);
    expect(signatureIn(dir).statement.subject[0]?.digest.sha256).toBe(digestResources(resources));
  });

  test('tells every difference of the files from those it covers', async () => {
    const dir = await makeBundle();
    await signBundle(dir, (await makePair()).privateKey);
    appendFileSync(join(dir, 'model.safetensors'), '!');
    rmSync(join(dir, 'onnx.txt'));
    writeFileSync(join(dir, 'new.txt'), '');
    expect(compareManifest(signatureIn(dir).statement, await hashBundle(dir))).toEqual([
      'is about another model.safetensors',
      'does not cover new.txt',
      'covers onnx.txt, which is not there',
    ]);
  });

  test('cannot excuse a file by ignoring it, nor change a digest under the same subject', async () => {
    const dir = await makeBundle();
    await signBundle(dir, (await makePair()).privateKey);
    const { statement: manifest } = signatureIn(dir);
    const files = await hashBundle(dir);
    const ignoring = structuredClone(manifest);
    Object.assign(ignoring.predicate.serialization, { ignore_paths: ['model.safetensors'] });
    ignoring.predicate.resources = ignoring.predicate.resources.filter(
      ({ name }) => name !== 'model.safetensors',
    );
    for (const subject of ignoring.subject)
      subject.digest.sha256 = digestResources(ignoring.predicate.resources);
    expect(compareManifest(ignoring, files)).toEqual(['does not cover model.safetensors']);
    const edited = structuredClone(manifest);
    for (const resource of edited.predicate.resources) resource.digest = '0'.repeat(64);
    expect(compareManifest(edited, files)).toEqual([
      'contradicts itself: its digest is not that of the files it lists',
    ]);
  });

  test('is not made of files that are not those of the lock', async () => {
    const dir = await makeBundle();
    appendFileSync(join(dir, 'model.safetensors'), '!');
    const error = await catchError(signBundle(dir, (await makePair()).privateKey));
    expect(error.code).toBe('NOT_VERIFIED');
    expect(error.message).toContain('model.safetensors');
    expect(await readBundleSignature(dir)).toBeUndefined();
  });

  test('signing leaves the lock as it was, and signing again replaces the signature', async () => {
    const dir = await makeBundle();
    const before = readFileSync(join(dir, 'hubwright.lock.json'), 'utf8');
    await signBundle(dir, (await makePair()).privateKey);
    const second = await makePair();
    await signBundle(dir, second.privateKey);
    expect(signatureIn(dir).madeBy(second.publicKey)).toBe(true);
    expect((await writeLock(dir)).files.map(({ path }) => path)).not.toContain('model.sig');
    expect(readFileSync(join(dir, 'hubwright.lock.json'), 'utf8')).toBe(before);
  });

  test('any text in its place is a signature or one clear error', async () => {
    const { privateKey, publicKey } = await makePair();
    const valid = signFiles('m', [{ path: 'a', size: 1, sha256: '0'.repeat(64) }], privateKey);
    const tampered = fc
      .tuple(fc.nat(valid.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(tampered, fc.json(), fc.string()), (text) => {
        try {
          readSignature(text).madeBy(publicKey);
        } catch (error) {
          expect(error).toBeInstanceOf(HubwrightError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a key', () => {
  test('that is not one, or on another curve, is refused without a word of its content', async () => {
    const dir = makeTempDir();
    const path = join(dir, 'key.pem');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    const good = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = (key: typeof rsa) => String(key.export({ type: 'pkcs8', format: 'pem' }));
    for (const text of ['', 'no key', pem(rsa), pem(other), pem(good).replace(/[A-Z]/g, 'x')]) {
      writeFileSync(path, text);
      const error = await catchError(readPrivateKey(path, undefined));
      expect(error.code).toBe('INPUT_INVALID');
      expect(error.cause).toBeUndefined();
      const line = text.split('\n')[1] ?? 'nothing';
      expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(line);
    }
    expect((await catchError(readPrivateKey(join(dir, 'none'), undefined))).code).toBe('INPUT_MISSING');
  });

  test('that is encrypted opens with its passphrase only', async () => {
    const path = join(makeTempDir(), 'key.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const options = {
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    } as const;
    writeFileSync(path, privateKey.export(options));
    await readPrivateKey(path, 'open sesame');
    expect((await catchError(readPrivateKey(path, undefined))).message).toContain('is encrypted');
    const wrong = await catchError(readPrivateKey(path, 'wrong guess'));
    expect(wrong.message).toContain('the passphrase does not open');
    expect(`${wrong.message} ${wrong.hint}`).not.toContain('wrong guess');
  });
});

describe.skipIf(PYTHON === undefined)(`model.sig, checked in Python${WITHOUT_PYTHON}`, () => {
  const verdict = (dir: string, publicPath: string): string => {
    const script = join(import.meta.dirname, 'verify_signature.py');
    return JSON.parse(execFileSync(PYTHON ?? '', [script, dir, publicPath], { encoding: 'utf8' })).verdict;
  };

  test('is right, wherever the model lies, until something is touched', async () => {
    const dir = await makeBundle();
    const pair = await makePair('P-256');
    await signBundle(dir, pair.privateKey);
    writeFileSync(join(dir, 'verification.json'), '{}');
    expect(verdict(dir, pair.publicPath)).toBe('ok');
    const moved = `${dir}-moved`;
    renameSync(dir, moved);
    expect(verdict(moved, pair.publicPath)).toBe('ok');
    expect(verdict(moved, (await makePair()).publicPath)).toBe('key hint');
    appendFileSync(join(moved, 'onnx/model.onnx'), '!');
    expect(verdict(moved, pair.publicPath)).toBe('content');
    renameSync(moved, dir);
  });

  test.each(['P-384', 'P-521'])('is right on %s', async (curve) => {
    const dir = await makeBundle();
    const pair = await makePair(curve);
    await signBundle(dir, pair.privateKey);
    expect(verdict(dir, pair.publicPath)).toBe('ok');
  });
});
