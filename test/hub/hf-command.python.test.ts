import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PYTHON, PYTHON_HUB2, WITHOUT_PYTHON, WITHOUT_PYTHON_HUB2 } from '../oracle/python.ts';
import { ALICE, BOB, useHub } from './running-hub.ts';

const CLIENTS = [
  { name: 'huggingface_hub 1', python: PYTHON, without: WITHOUT_PYTHON },
  { name: 'huggingface_hub 2', python: PYTHON_HUB2, without: WITHOUT_PYTHON_HUB2 },
].flatMap(
  ({ name, python, without }) =>
    [
      [`${name} over Xet${without}`, { python, xet: true }],
      [`${name} without Xet${without}`, { python, xet: false }],
    ] as const,
);

const FILES: Readonly<Record<string, string | Buffer>> = {
  'README.md': '---\nlicense: mit\n---\n# Model\n',
  'config.json': '{}\n',
  'sub/notes.txt': 'some notes\n',
  'model.safetensors': Buffer.from(Float32Array.from({ length: 500_000 }, (_, at) => Math.sin(at)).buffer),
};

describe.each(CLIENTS)('the hf command of %s', (_, { python, xet }) => {
  const hub = useHub();
  let root: string;
  let folder: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hf-command-'));
    folder = join(root, 'run');
    for (const [path, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  /** Runs `hf`; the token is in the environment. */
  async function hf(args: readonly string[], token = ALICE): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      HF_HOME: join(root, 'home'),
      HF_ENDPOINT: hub.url(),
      HF_TOKEN: token,
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      ...(xet ? {} : { HF_HUB_DISABLE_XET: '1' }),
    };
    const { stdout, stderr } = await promisify(execFile)(join(dirname(python ?? ''), 'hf'), args, { env });
    return stdout + stderr;
  }
  async function tree(id: string, rev = 'main') {
    const answer = await hub.call(`/api/models/${id}/tree/${encodeURIComponent(rev)}?recursive=1`);
    const rows = (await answer.json()) as { path: string; type: string; xetHash?: string; lfs?: unknown }[];
    return new Map(rows.filter(({ type }) => type === 'file').map((row) => [row.path, row]));
  }
  async function expectSame(local: string): Promise<void> {
    for (const [path, content] of Object.entries(FILES)) {
      expect([path, (await readFile(join(local, path))).equals(Buffer.from(content))]).toEqual([path, true]);
    }
  }

  it.skipIf(python === undefined)(
    'uploads, downloads and verifies',
    async () => {
      const id = 'alice/uploaded';
      await hf(['upload', id, folder, '.', '--commit-message', 'first']);
      const rows = await tree(id);
      expect([...rows.keys()].sort()).toEqual(['.gitattributes', ...Object.keys(FILES)].sort());
      const weights = rows.get('model.safetensors');
      expect([weights?.lfs !== undefined, weights?.xetHash !== undefined]).toEqual([true, xet]);
      // The newer way to send a shard was taken, without a detour over the older one.
      const shards = hub.lines.filter(({ path }) => path.endsWith('/shards'));
      expect([...new Set(shards.map(({ path, status }) => `${status} ${path}`))]).toEqual(
        xet ? ['200 /xet-cas/v2/shards'] : [],
      );

      const local = join(root, 'download');
      await hf(['download', id, '--local-dir', local]);
      await expectSame(local);
      await hf(['download', id]);
      expect(await hf(['cache', 'verify', id])).toMatch(/verified|Verified|ok/);
      await writeFile(join(local, 'config.json'), '{"changed": true}\n');
      await expect(hf(['cache', 'verify', id, '--local-dir', local])).rejects.toThrow('Verification failed');

      await hf(['upload', id, join(folder, 'config.json'), 'other/config.json', '--revision', 'dev']);
      expect((await tree(id, 'dev')).has('other/config.json')).toBe(true);
      expect((await tree(id)).has('other/config.json')).toBe(false);
    },
    120_000,
  );

  it.skipIf(python === undefined)(
    'opens pull requests, also on what belongs to somebody else',
    async () => {
      const id = await hub.newRepo();
      await hf(['upload', id, folder, '.', '--create-pr', '--commit-message', 'Please take it'], BOB);
      const found = await hub.call(`/api/models/${id}/discussions/1`);
      expect(await found.json()).toMatchObject({
        isPullRequest: true,
        author: { name: 'bob' },
        changes: { base: 'main' },
        filesWithConflicts: [],
      });
      expect((await tree(id)).has('model.safetensors')).toBe(false);
      const rows = await tree(id, 'refs/pr/1');
      expect(rows.get('model.safetensors')?.xetHash !== undefined).toBe(xet);

      const local = join(root, 'proposed');
      await hf(['download', id, '--revision', 'refs/pr/1', '--local-dir', local]);
      await expectSame(local);
      const merged = await hub.call(`/api/models/${id}/discussions/1/merge`, { method: 'POST', body: '{}' });
      expect(merged.status).toBe(200);
      expect((await tree(id)).has('model.safetensors')).toBe(true);
    },
    120_000,
  );
});
