import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createBranch } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { ALICE, fileLine, useHub } from '../running-hub.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;

describe.skipIf(!hasGit)(
  `a repository on disk, read by git${hasGit ? '' : ' (skipped: no git here)'}`,
  () => {
    const hub = useHub();

    it('is one that git itself finds no fault in', async () => {
      const id = await hub.newRepo();
      // Order matters in trees: git sorts "a" the folder after "a.txt" and "a-b".
      await hub.commit(
        id,
        ['a/x', 'a.txt', 'a-b', 'é/ü.txt', 'deep/er/still'].map((path) =>
          fileLine(path, `content of ${path}`),
        ),
      );
      await hub.commit(id, [{ key: 'deletedFile', value: { path: 'a-b' } }], {
        summary: 'Title',
        description: 'A body,\n\nin two parts.',
      });
      await createBranch({ repo: id, branch: 'other', hubUrl: hub.url(), accessToken: ALICE });
      await hub.call(`/api/models/${id}/tag/main`, { method: 'POST', body: JSON.stringify({ tag: 'v1' }) });
      await hub.commit(id, [{ key: 'deletedFolder', value: { path: 'a/' } }]);

      const folder = join(hub.dataDir(), 'repos', ...id.split('/'), 'git');
      const git = (...args: string[]) =>
        execFileSync('git', ['-C', folder, '-c', 'core.quotePath=false', ...args], {
          encoding: 'utf8',
        }).trim();
      expect(git('fsck', '--strict', '--full')).toBe('');
      expect(git('log', '--format=%an|%s|%b', 'v1').split('\n')[0]).toBe('alice|Title|A body,');
      expect(git('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual([
        '.gitattributes',
        'a.txt',
        'deep/er/still',
        'é/ü.txt',
      ]);
      expect(git('show', 'main:é/ü.txt')).toBe('content of é/ü.txt');

      const { branches, tags } = (await (await hub.call(`/api/models/${id}/refs`)).json()) as Record<
        'branches' | 'tags',
        { ref: string; targetCommit: string }[]
      >;
      const listed = [...branches, ...tags].map(({ ref, targetCommit }) => `${targetCommit} ${ref}`);
      expect(git('show-ref').split('\n').sort()).toEqual(listed.sort());
    });
  },
);
