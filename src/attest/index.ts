import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { hashBundle, listDifferences, readLock, SIGNATURE_FILE } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
import type { SigningKey } from './keys.ts';
import { digestResources } from './manifest.ts';
import { type ModelSignature, readSignature, signFiles } from './model-signature.ts';

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
  const lock = await readLock(dir);
  const files = await hashBundle(dir);
  const [changed] = listDifferences(files, lock);
  if (changed !== undefined) {
    throw new HubwrightError(
      'NOT_VERIFIED',
      `${changed.path} is not as the lock records it: nothing was signed`,
      {
        hint: `see what differs: hubwright verify ${dir} --only lock-intact`,
      },
    );
  }
  const { repo, name } = await loadConfig(join(dir, CONFIG_FILE));
  const text = signFiles(repo ?? name ?? basename(resolve(dir)), files, key);
  await writeFileAtomic(join(dir, SIGNATURE_FILE), text).catch((cause: unknown) => {
    throw new HubwrightError('OUTPUT', `${join(dir, SIGNATURE_FILE)} cannot be written`, { cause });
  });
  const { resources } = readSignature(text).manifest.predicate;
  return { file: SIGNATURE_FILE, digest: digestResources(resources), files: resources.length };
}

/** The signature in a folder, if it has one. @throws HubwrightError INPUT_INVALID */
export async function readBundleSignature(dir: string): Promise<ModelSignature | undefined> {
  const path = join(dir, SIGNATURE_FILE);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw unreadableFile(path, cause);
  });
  return text === undefined ? undefined : readSignature(text);
}
