import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, ALICE_READS, sha256, useHub } from './running-hub.ts';

const version = (() => {
  try {
    return execFileSync('git', ['lfs', 'version'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
})();
const reason = version === undefined ? ' (skipped: git-lfs is not installed)' : '';

/**
 * The Hub has no git protocol, so git itself pushes to a bare repository beside it; git-lfs sends the objects to the
 * Hub, where a commit of the same pointers then takes them up.
 */
describe.skipIf(version === undefined)(`git-lfs${reason}`, () => {
  const hub = useHub();
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'git-lfs-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  function gitIn(folder: string) {
    const env = {
      PATH: process.env.PATH,
      HOME: root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
    };
    return async (...args: string[]) =>
      (await promisify(execFile)('git', args, { cwd: folder, env })).stdout.trim();
  }
  async function setUp(name: string, id: string, token: string) {
    const folder = join(root, name);
    const bare = join(root, `${name}.git`);
    await gitIn(root)('init', '-q', '--bare', bare);
    await gitIn(root)('init', '-q', '-b', 'main', folder);
    const git = gitIn(folder);
    await git('lfs', 'install', '--local');
    for (const [key, value] of [
      ['user.name', 'alice'],
      ['user.email', 'alice@example.com'],
      ['lfs.url', `${hub.url()}/${id}.git/info/lfs`],
      [`http.${hub.url()}.extraHeader`, `Authorization: Bearer ${token}`],
      ['lfs.locksverify', 'false'],
    ] as const) {
      await git('config', key, value);
    }
    await git('remote', 'add', 'origin', bare);
    return { folder, bare, git };
  }

  it('pushes objects that a commit can name, and pulls them back', async () => {
    const id = await hub.newRepo();
    const { folder, bare, git } = await setUp('work', id, ALICE);
    const content = randomBytes(3_000_000);
    await writeFile(join(folder, 'model.safetensors'), content);
    await git('lfs', 'track', '*.safetensors');
    await git('add', '.');
    await git('commit', '-q', '-m', 'weights');
    await git('push', '-q', 'origin', 'main');
    const pointer = await git('cat-file', 'blob', 'HEAD:model.safetensors');
    expect(pointer).toContain(sha256(content));

    const oid = sha256(content);
    const operation = {
      key: 'lfsFile',
      value: { path: 'model.safetensors', algo: 'sha256', oid, size: content.length },
    };
    expect((await hub.commit(id, [operation])).status).toBe(200);
    const seen = hub.lines.length;
    await git('lfs', 'push', '--all', 'origin');
    expect(hub.lines.slice(seen).some(({ method }) => method === 'PUT')).toBe(false);

    const clone = await setUp('clone', id, ALICE);
    await clone.git('remote', 'set-url', 'origin', bare);
    await clone.git('pull', '-q', 'origin', 'main');
    expect((await readFile(join(clone.folder, 'model.safetensors'))).equals(content)).toBe(true);
  }, 60_000);

  it('is told why it may not push', async () => {
    const id = await hub.newRepo();
    const { folder, git } = await setUp('reader', id, ALICE_READS);
    await writeFile(join(folder, 'a.bin'), 'x'.repeat(1000));
    await git('lfs', 'track', '*.bin');
    await git('add', '.');
    await git('commit', '-q', '-m', 'x');
    await expect(git('push', '-q', 'origin', 'main')).rejects.toThrow(/write token/);
  }, 60_000);
});
