import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import {
  bundleFromJSON,
  bundleToJSON,
  type Envelope,
  isBundleWithDsseEnvelope,
  toDSSEBundle,
} from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import type { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { formatJson, parseJson, parseJsonObject } from '../formats/json.ts';
import { describeFault } from '../formats/schema-fault.ts';
import type { SigningKey } from './keys.ts';
import { PAYLOAD_TYPE } from './statement.ts';

/** A signed statement, read but not yet believed. */
export interface SealedStatement<T> {
  readonly statement: T;
  /** sha256 of the signer's public key in PEM, as the signer gave it; not proof of anything. */
  readonly keyHint: string | undefined;
  /** Whether this key made it. */
  madeBy(key: SigningKey): boolean;
}

/** How a file of this kind calls itself, and how it is made again: for the error that tells what is wrong with it. */
export interface StatementFile {
  readonly file: string;
  readonly kind: string;
  readonly hint: string;
}

/** Signs a statement: a Sigstore bundle v0.3 around a DSSE envelope around the statement. Returns the file's text. */
export function sealStatement(statement: object, { key, hash }: SigningKey): string {
  const payload = Buffer.from(formatJson(statement));
  const bundle = toDSSEBundle({
    artifact: payload,
    artifactType: PAYLOAD_TYPE,
    signature: sign(hash, dsse.preAuthEncoding(PAYLOAD_TYPE, payload), key),
    keyHint: fingerprint(createPublicKey(key)),
  });
  // No service has stamped it with a time; an empty list of stamps is more than some readers expect.
  bundle.verificationMaterial.timestampVerificationData = undefined;
  return formatJson(bundleToJSON(bundle));
}

/** Parses what `sealStatement` writes. @throws HubwrightError INPUT_INVALID */
export function openStatement<T extends z.ZodType>(
  text: string,
  schema: T,
  about: StatementFile,
): SealedStatement<z.output<T>> {
  const bundle = readBundle(text, about);
  const { content } = bundle.verificationMaterial;
  const envelope = isBundleWithDsseEnvelope(bundle) ? bundle.content.dsseEnvelope : undefined;
  if (envelope === undefined || envelope.payloadType !== PAYLOAD_TYPE) {
    throw malformed(about, `its payload is not ${PAYLOAD_TYPE}`);
  }
  const value = parseJsonObject(envelope.payload.toString('utf8'), `the statement in ${about.file}`);
  const keyHint = content?.$case === 'publicKey' ? content.publicKey.hint : '';
  return {
    statement: checkStatement(value, schema, about),
    keyHint: keyHint === '' ? undefined : keyHint,
    madeBy: (key) => isMadeBy(envelope, key),
  };
}

/** A statement's own shape. @throws HubwrightError INPUT_INVALID */
export function checkStatement<T extends z.ZodType>(
  value: unknown,
  schema: T,
  about: StatementFile,
): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw malformed(about, describeFault(parsed.error));
  return parsed.data;
}

function readBundle(text: string, about: StatementFile) {
  const value = parseJson(text, about.file);
  try {
    return bundleFromJSON(value as Parameters<typeof bundleFromJSON>[0]);
  } catch (cause) {
    throw malformed(about, 'it is no Sigstore bundle', cause);
  }
}

function isMadeBy({ payload, payloadType, signatures }: Envelope, { key, hash }: SigningKey): boolean {
  const signature = signatures[0]?.sig;
  return signature !== undefined && verify(hash, dsse.preAuthEncoding(payloadType, payload), key, signature);
}

/** By which a verifier finds the key: sha256 of the public key's PEM. */
export function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
}

function malformed({ file, kind, hint }: StatementFile, why: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${file} is no ${kind}: ${why}`, { hint, cause });
}
