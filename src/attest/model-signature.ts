import { type LockedFile, SIGNATURE_FILE } from '../bundle.ts';
import type { SigningKey } from './keys.ts';
import { type Manifest, makeManifest, manifestSchema } from './manifest.ts';
import {
  openStatement,
  type SealedStatement,
  type StatementFile,
  sealStatement,
} from './sealed-statement.ts';

/** What `model.sig` holds, read but not yet believed. */
export type ModelSignature = SealedStatement<Manifest>;

const ABOUT: StatementFile = {
  file: SIGNATURE_FILE,
  kind: 'model signature',
  hint: 'sign again: hubwright sign <bundle> --key <private key>',
};

/**
 * Signs a model's files, as OpenSSF model signing v1.0 has it.
 *
 * @param name the model's name; verifiers take it as information only
 * @returns the text of `model.sig`
 */
export function signFiles(name: string, files: readonly LockedFile[], key: SigningKey): string {
  return sealStatement(makeManifest(name, files), key);
}

/** Parses `model.sig`. @throws HubwrightError INPUT_INVALID */
export function readSignature(text: string): ModelSignature {
  return openStatement(text, manifestSchema, ABOUT);
}
