import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundleSignature } from '../attest/index.ts';
import { compareBeside, SIGN_WITHOUT_IT } from '../attest/manifest.ts';
import {
  compareWithLock,
  type HashPlace,
  hashFile,
  type Lock,
  type LockedFile,
  PROVENANCE_FILE,
  REPORT_FILE,
  readLock,
  SIGNATURE_FILE,
} from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { validateCard } from '../formats/card-yaml.ts';
import { findSecretsInFile } from '../formats/secret-scan.ts';
import { readPassingReport, type VerificationReport } from '../verification.ts';
import { listNames } from './names.ts';

export const CARD_FILE = 'README.md';

/** What a bundle would send: its locked files, its passing report when there is one for exactly them, its signature and provenance. */
export interface Payload {
  readonly lock: Lock;
  readonly files: readonly LockedFile[];
  readonly report: VerificationReport | null;
  /** The card's text. */
  readonly card: string;
}

export interface PayloadOptions extends HashPlace {
  /** False lets a bundle through that nobody has verified. */
  readonly requireReport: boolean;
}

/**
 * Re-hashes a bundle against its lock, looks for credentials in its files, checks its card and reads its report.
 * Contacts nobody.
 *
 * @throws HubwrightError NOT_VERIFIED, INPUT_MISSING or INPUT_INVALID
 */
export async function readPayload(
  dir: string,
  { requireReport, cacheDir }: PayloadOptions,
): Promise<Payload> {
  const lock = await readLock(dir);
  const differences = await compareWithLock(dir, lock, { cacheDir });
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
  for (const statement of [SIGNATURE_FILE, PROVENANCE_FILE])
    if (existsSync(join(dir, statement))) files.push(await hashFile(dir, statement));
  await refuseOutdatedSignature(dir, files);
  await refuseSecrets(dir, files);
  const card = await readFile(join(dir, CARD_FILE), 'utf8');
  refuseFaultyCard(card);
  return { lock, files, report, card };
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

/** A signature may cover more than the model, such as a report that was written anew since, or the lock, which stays here. */
async function refuseOutdatedSignature(dir: string, files: readonly LockedFile[]): Promise<void> {
  // One that cannot be read is verify's to judge.
  const signature = await readBundleSignature(dir).catch(() => undefined);
  const [wrong] = signature === undefined ? [] : compareBeside(signature.statement, files);
  if (wrong === undefined) return;
  throw new HubwrightError('NOT_VERIFIED', `published, ${SIGNATURE_FILE} would be wrong: it ${wrong}`, {
    hint: SIGN_WITHOUT_IT,
  });
}

/** What is published cannot be taken back: a credential in a file stops it. Names the place, never the value. */
async function refuseSecrets(dir: string, files: readonly LockedFile[]): Promise<void> {
  const found: string[] = [];
  for (const { path } of files) {
    for (const { kind, line } of await findSecretsInFile(join(dir, path)))
      found.push(`${path}${line === 0 ? '' : `:${line}`} (${kind})`);
  }
  if (found.length === 0) return;
  throw new HubwrightError('INPUT_INVALID', `credentials would be published: ${listNames(found)}`, {
    hint: 'revoke them where they were issued, remove them from the run folder, and assemble again',
  });
}

/** The Hub would refuse this card too, but only once it is asked. */
function refuseFaultyCard(card: string): void {
  const { errors } = validateCard(card);
  if (errors.length === 0) return;
  const words = errors.map(({ message }) => message).join('; ');
  throw new HubwrightError('INPUT_INVALID', `the Hub does not take this ${CARD_FILE}: ${words}`, {
    hint: 'mend hubwright.json, then write the card anew: hubwright card <bundle>',
  });
}
