import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isLfsPointer } from '../../formats/lfs-pointer.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What files of an extension begin with. */
const MAGIC: Readonly<Record<string, readonly [name: string, test: (start: Buffer) => boolean]>> = {
  png: ['a PNG picture', (start) => start.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n'],
  jpg: ['a JPEG picture', (start) => start.readUInt16BE(0) === 0xffd8],
  jpeg: ['a JPEG picture', (start) => start.readUInt16BE(0) === 0xffd8],
  gif: ['a GIF picture', (start) => start.toString('latin1', 0, 4) === 'GIF8'],
  pdf: ['a PDF document', (start) => start.toString('latin1', 0, 4) === '%PDF'],
  // The header's length, then JSON.
  safetensors: ['safetensors', (start) => start[8] === 0x7b],
};
/** Programs and archives, which no model needs, whatever they are called. */
const FOREIGN: readonly (readonly [string, (start: Buffer) => boolean])[] = [
  ['an ELF program', (start) => start.toString('latin1', 0, 4) === '\x7fELF'],
  ['a Windows program', (start) => start.toString('latin1', 0, 2) === 'MZ' && start.includes(0)],
  [
    'a macOS program',
    (start) => [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(start.readUInt32BE(0)),
  ],
  ['a gzip archive', (start) => start.readUInt16BE(0) === 0x1f8b],
  ['a zip archive', (start) => start.toString('latin1', 0, 4) === 'PK\x03\x04'],
  ['an HTML page', (start) => /^\s*<(!doctype html|html)/i.test(start.toString('latin1'))],
];
/** torch.save writes a zip under these names. */
const ARCHIVE_NAMES = /\.(zip|npz|bin|pt|pth|ckpt)$/i;
const START_BYTES = 64;

export const fileTypes: Rule = {
  code: 'file-types',
  title: 'every file is what its name says',
  group: 'files',
  severity: 'error',
  explanation:
    'Pictures, documents and weights begin as their formats do, and no file is a program or an archive under another name. A download that failed leaves an HTML page called `model.safetensors`; a scanner that goes by names is fooled by the rest.',
  fix: 'put the right file there, or remove it, and assemble again',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files) {
      const start = await readStart(join(dir, path));
      // A pointer is another rule's finding.
      if (start === undefined || isLfsPointer(start)) continue;
      const message = judge(path, start);
      if (message !== undefined) findings.push({ path, message });
    }
    return { findings };
  },
};

function judge(path: string, start: Buffer): string | undefined {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const foreign = FOREIGN.find(([, test]) => test(start))?.[0];
  if (
    foreign !== undefined &&
    !ARCHIVE_NAMES.test(path) &&
    !(extension === 'html' && foreign.endsWith('page'))
  ) {
    return `is ${foreign}`;
  }
  const expected = MAGIC[extension];
  return expected === undefined || expected[1](start) ? undefined : `is not ${expected[0]}, as its name says`;
}

/** The first bytes, filled up with zeros; nothing of an empty file, which is another rule's. */
async function readStart(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return bytesRead === 0 ? undefined : buffer;
  } finally {
    await file.close();
  }
}
