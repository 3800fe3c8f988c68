import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isLfsPointer, POINTER_BYTES } from '../../formats/lfs-pointer.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const lfsPointers: Rule = {
  code: 'lfs-pointers',
  title: 'no file is a git-LFS pointer',
  group: 'files',
  severity: 'error',
  explanation:
    'No file holds three lines about a large file instead of that file. A clone without git-lfs leaves such pointers, and they are uploaded without a word.',
  fix: 'fetch the real file: git lfs pull, or hf download',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files) {
      if (isLfsPointer(await readStart(join(dir, path)))) {
        findings.push({ path, message: 'is a git-LFS pointer: the file itself was never downloaded' });
      }
    }
    return { findings };
  },
};

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(POINTER_BYTES), 0, POINTER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
