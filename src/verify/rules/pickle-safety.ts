import { open, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HubwrightError } from '../../errors.ts';
import { readPickle } from '../../formats/pickle.ts';
import { listDeniers } from '../../formats/pickle-denylists.ts';
import { readTorchArchive } from '../../formats/torch-archive.ts';
import { readTrainingArgs } from '../../formats/training-args.ts';
import type { Rule, RuleFinding } from '../rule.ts';

const PICKLES = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib|dat|data)$/i;
/** Beyond this it is weights, which are another rule's. */
const MAX_BYTES = 64 * 1024 * 1024;

export const pickleSafety: Rule = {
  code: 'pickle-safety',
  title: 'no pickle can do anything but hold data',
  group: 'privacy',
  severity: 'error',
  explanation:
    'Every pickle, also inside the archives of `torch.save`, is read opcode by opcode without running it. Loading `training_args.bin` may do nothing but build training arguments: what it imports is on an exact allow-list, and is called as a pickler calls it. For each other import the report says whether the deny-lists of picklescan and fickling have it: what neither has is not safe for that.',
  fix: 'delete the pickle from the run folder and assemble again: training_args.json says the same',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    const pickles = files.filter((path) => PICKLES.test(path));
    if (pickles.length === 0) return { notApplicable: 'the bundle holds no pickle' };
    for (const path of pickles) {
      const { size } = await stat(join(dir, path));
      if (size > MAX_BYTES) {
        findings.push({
          path,
          message: `has ${size} bytes: too large a pickle to be read, and so to be trusted`,
        });
      } else if (await isPickle(join(dir, path))) {
        const dangers = await listDangers(join(dir, path));
        findings.push(...dangers.map((danger) => ({ path, message: danger })));
      }
    }
    return { findings };
  },
};

async function isPickle(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const isZip = buffer.toString('latin1') === 'PK\x03\x04';
    // Protocol 2 and later begin so; 0 and 1 with any opcode, of which these are the usual ones.
    return bytesRead > 0 && (isZip || buffer[0] === 0x80 || /^[(}\]c]/.test(buffer.toString('latin1')));
  } finally {
    await file.close();
  }
}

async function listDangers(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  try {
    if (basename(path) === 'training_args.bin') {
      const { dangers } = await readTrainingArgs(bytes);
      return dangers.map((danger) => danger + compare(danger));
    }
    const isZip = bytes.readUInt16BE(0) === 0x504b;
    const { imports } = readPickle(isZip ? (await readTorchArchive(bytes)).pickle : bytes);
    return imports.map((name) => `imports ${name}${compare(`imports ${name}`)}`);
  } catch (error) {
    if (error instanceof HubwrightError) return [`cannot be read, and so not be trusted: ${error.message}`];
    throw error;
  }
}

function compare(danger: string): string {
  const name = /^(?:imports|calls) (\S+)/.exec(danger)?.[1];
  if (name === undefined) return '';
  const deniers = listDeniers(name);
  return deniers.length > 0
    ? `, which ${deniers.join(' and ')} flag${deniers.length === 1 ? 's' : ''} too`
    : ', which is on no list of harmless imports';
}
