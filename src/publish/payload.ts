import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  compareWithLock,
  hashFile,
  type Lock,
  type LockedFile,
  REPORT_FILE,
  readLock,
  SIGNATURE_FILE,
} from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { readPassingReport, type VerificationReport } from '../verification.ts';

export const CARD_FILE = 'README.md';

/** What a bundle would send: its locked files, its passing report when there is one for exactly them, its signature. */
export interface Payload {
  readonly lock: Lock;
  readonly files: readonly LockedFile[];
  readonly report: VerificationReport | null;
  /** The card's text. */
  readonly card: string;
}

/** More names than this make an error unreadable. */
const MAX_NAMED = 10;

/**
 * Re-hashes a bundle against its lock and reads its report. Contacts nobody.
 *
 * @param requireReport false lets a bundle through that nobody has verified
 * @throws HubwrightError NOT_VERIFIED, INPUT_MISSING or INPUT_INVALID
 */
export async function readPayload(dir: string, requireReport: boolean): Promise<Payload> {
  const lock = await readLock(dir);
  const differences = await compareWithLock(dir, lock);
  if (differences.length > 0) {
    const names = listNames(differences.map(({ path, kind }) => `${path} (${kind})`));
    throw new HubwrightError('NOT_VERIFIED', `these files are not those that were assembled: ${names}`, {
      hint: `assemble again, or take the edits back, then run hubwright verify ${dir}`,
    });
  }
  checkFiles(lock);
  const report = await readPassingReport(dir, lock).catch((error: unknown) => {
    if (requireReport) throw error;
    return null;
  });
  const files = [...lock.files];
  if (report !== null) files.push(await hashFile(dir, REPORT_FILE));
  if (existsSync(join(dir, SIGNATURE_FILE))) files.push(await hashFile(dir, SIGNATURE_FILE));
  return { lock, files, report, card: await readFile(join(dir, CARD_FILE), 'utf8') };
}

/** `a, b, c and 4 more` */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(', ');
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

function checkFiles({ files }: Lock): void {
  if (!files.some((file) => file.path === CARD_FILE)) {
    throw new HubwrightError('INPUT_MISSING', `the bundle has no ${CARD_FILE}: a model needs its card`, {
      hint: 'write it: hubwright card <bundle>',
    });
  }
  // Large-file storage refuses objects without bytes, and the Hub decides only during the upload what goes there.
  const empty = files.filter((file) => file.size === 0).map((file) => file.path);
  if (empty.length > 0) {
    throw new HubwrightError('INPUT_INVALID', `these files are empty: ${listNames(empty)}`, {
      hint: 'remove them from the run folder and assemble again',
    });
  }
}
