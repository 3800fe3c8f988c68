import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isMemoryShort, readAvailableMemory } from '../../src/inference/memory.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

const MB = 1024 * 1024;

function system(files: Record<string, string>): string {
  const root = makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('available memory', () => {
  test('is what the machine has, where nothing limits the process', async () => {
    const available = await readAvailableMemory(system({}));
    expect(Math.abs(available - freemem())).toBeLessThan(200 * MB);
    expect(await readAvailableMemory()).toBeLessThanOrEqual(freemem() + 200 * MB);
  });

  test('is the room in the tightest control group, pages of files not counted', async () => {
    const root = system({
      'proc/self/cgroup': '1:cpu:/x\n0::/jobs/one\n',
      'sys/fs/cgroup/jobs/one/memory.max': 'max\n',
      'sys/fs/cgroup/jobs/one/memory.current': `${20 * MB}\n`,
      'sys/fs/cgroup/jobs/memory.max': `${100 * MB}\n`,
      'sys/fs/cgroup/jobs/memory.current': `${90 * MB}\n`,
      'sys/fs/cgroup/jobs/memory.stat': `anon 1\ninactive_file ${30 * MB}\nactive_file ${5 * MB}\n`,
    });
    expect(await readAvailableMemory(root)).toBe(45 * MB);
  });

  test('is the same under the older control groups', async () => {
    const root = system({
      'proc/self/cgroup': '9:memory:/docker/abc\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': `${64 * MB}\n`,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': `${60 * MB}\n`,
      'sys/fs/cgroup/memory/memory.stat': `inactive_file 1\ntotal_inactive_file ${2 * MB}\n`,
    });
    expect(await readAvailableMemory(root)).toBe(6 * MB);
  });
});

test('memory is short where the weights and half a gigabyte do not fit', async () => {
  const dir = makeTempDir();
  for (const [name, size] of [
    ['model-1-of-2.safetensors', 400 * MB],
    ['model-2-of-2.safetensors', 100 * MB],
    ['README.md', 900 * MB],
  ] as const) {
    writeFileSync(join(dir, name), '');
    truncateSync(join(dir, name), size);
  }
  expect(await isMemoryShort(dir, 1011 * MB)).toBe(true);
  expect(await isMemoryShort(dir, 1012 * MB)).toBe(false);
});
