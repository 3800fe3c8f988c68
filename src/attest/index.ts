import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  hashFile,
  LOCK_FILE,
  type LockedFile,
  PROVENANCE_FILE,
  REPORT_FILE,
  SIGNATURE_FILE,
} from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { formatJson, readJsonObject } from '../formats/json.ts';
import { readReport } from '../verification.ts';
import type { SigningKey } from './keys.ts';
import { digestResources } from './manifest.ts';
import { type ModelSignature, readSignature, signFiles } from './model-signature.ts';
import { makeProvenance, type ReadProvenance, readProvenance } from './provenance.ts';
import { sealStatement } from './sealed-statement.ts';
import { readStatementFile, writeStatementFile } from './statement-file.ts';
import { readUntouched } from './untouched.ts';

export interface SignedBundle {
  readonly file: string;
  /** sha256 over the files' digests: what the signature is about. */
  readonly digest: string;
  /** How many files it covers. */
  readonly files: number;
}

/**
 * Signs a bundle and writes `model.sig` into it. The files are hashed again, so that nothing is signed but what the lock
 * lists.
 *
 * @throws HubwrightError NOT_VERIFIED when a file was changed; INPUT_MISSING or INPUT_INVALID when the folder is no bundle
 */
export async function signBundle(dir: string, key: SigningKey): Promise<SignedBundle> {
  const { files } = await readUntouched(dir, 'nothing was signed');
  const { repo, name } = await loadConfig(join(dir, CONFIG_FILE), { inside: true });
  const text = signFiles(repo ?? name ?? basename(resolve(dir)), files, key);
  await writeStatementFile(dir, SIGNATURE_FILE, text);
  const { resources } = readSignature(text).statement.predicate;
  return { file: SIGNATURE_FILE, digest: digestResources(resources), files: resources.length };
}

export interface AttestedBundle {
  readonly file: string;
  /** How many files it is about. */
  readonly files: number;
  /** How many files of the run folder it names. */
  readonly inputs: number;
  readonly signed: boolean;
  /** What it tells of the verification; null where nobody has verified these very files. */
  readonly verified: boolean | null;
}

/**
 * States what a bundle was made from, and writes that into it as `provenance.intoto.json`.
 *
 * @param key signs it; without one anybody could have written it
 * @throws HubwrightError NOT_VERIFIED when a file was changed; INPUT_MISSING when the folder is no bundle, or one whose
 * lock does not record what it was made from
 */
export async function attestBundle(dir: string, key?: SigningKey): Promise<AttestedBundle> {
  const { lock } = await readUntouched(dir, 'nothing was attested');
  const { origin } = lock;
  if (origin === undefined) {
    throw new HubwrightError('INPUT_MISSING', `the lock of ${dir} does not record what it was made from`, {
      hint: 'assemble it again with this version: hubwright assemble <run-dir> --out <bundle>',
    });
  }
  const { baseModel } = await loadConfig(join(dir, CONFIG_FILE), { inside: true });
  const config = await readJsonObject(join(dir, CONFIG_FILE));
  const found = await readReport(dir);
  const report = found?.rootDigest === lock.rootDigest && found.partial !== true ? found : undefined;
  const statement = makeProvenance({ lock, origin, config, baseModel, report });
  const text = key === undefined ? formatJson(statement) : sealStatement(statement, key);
  await writeStatementFile(dir, PROVENANCE_FILE, text);
  return {
    file: PROVENANCE_FILE,
    files: lock.files.length,
    inputs: origin.inputs.length,
    signed: key !== undefined,
    verified: report?.ok ?? null,
  };
}

/** The signature in a folder, if it has one. @throws HubwrightError INPUT_INVALID */
export async function readBundleSignature(dir: string): Promise<ModelSignature | undefined> {
  const text = await readStatementFile(dir, SIGNATURE_FILE);
  return text === undefined ? undefined : readSignature(text);
}

/** What lies in a folder unlocked, and another tool's signature may cover. */
export async function hashBeside(dir: string): Promise<LockedFile[]> {
  const names = [LOCK_FILE, PROVENANCE_FILE, REPORT_FILE, '.gitattributes'];
  return Promise.all(names.filter((name) => existsSync(join(dir, name))).map((name) => hashFile(dir, name)));
}

/** The provenance in a folder, if it has any. @throws HubwrightError INPUT_INVALID */
export async function readBundleProvenance(dir: string): Promise<ReadProvenance | undefined> {
  const text = await readStatementFile(dir, PROVENANCE_FILE);
  return text === undefined ? undefined : readProvenance(text);
}
