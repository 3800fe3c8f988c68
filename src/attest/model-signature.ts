import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import {
  bundleFromJSON,
  bundleToJSON,
  type Envelope,
  isBundleWithDsseEnvelope,
  toDSSEBundle,
} from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { type LockedFile, SIGNATURE_FILE } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { formatJson, parseJson, parseJsonObject } from '../formats/json.ts';
import { describeFault } from '../formats/schema-fault.ts';
import type { SigningKey } from './keys.ts';
import { type Manifest, makeManifest, manifestSchema } from './manifest.ts';
import { PAYLOAD_TYPE } from './statement.ts';

/** What `model.sig` holds, read but not yet believed. */
export interface ModelSignature {
  readonly manifest: Manifest;
  /** sha256 of the signer's public key in PEM, as the signer gave it; not proof of anything. */
  readonly keyHint: string | undefined;
  /** Whether this key made it. */
  madeBy(key: SigningKey): boolean;
}

/**
 * Signs a model's files: a Sigstore bundle v0.3 around a DSSE envelope around an in-toto statement, as OpenSSF model
 * signing v1.0 has it.
 *
 * @param name the model's name; verifiers take it as information only
 * @returns the text of `model.sig`
 */
export function signFiles(name: string, files: readonly LockedFile[], { key, hash }: SigningKey): string {
  const payload = Buffer.from(formatJson(makeManifest(name, files)));
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

/** Parses `model.sig`. @throws HubwrightError INPUT_INVALID */
export function readSignature(text: string): ModelSignature {
  const bundle = readBundle(text);
  const { content } = bundle.verificationMaterial;
  const envelope = isBundleWithDsseEnvelope(bundle) ? bundle.content.dsseEnvelope : undefined;
  if (envelope === undefined || envelope.payloadType !== PAYLOAD_TYPE) {
    throw malformed(`its payload is not ${PAYLOAD_TYPE}`);
  }
  const statement = parseJsonObject(envelope.payload.toString('utf8'), `the statement in ${SIGNATURE_FILE}`);
  const parsed = manifestSchema.safeParse(statement);
  if (!parsed.success) throw malformed(describeFault(parsed.error));
  const keyHint = content?.$case === 'publicKey' ? content.publicKey.hint : '';
  return {
    manifest: parsed.data,
    keyHint: keyHint === '' ? undefined : keyHint,
    madeBy: (key) => isMadeBy(envelope, key),
  };
}

function readBundle(text: string) {
  const value = parseJson(text, SIGNATURE_FILE);
  try {
    return bundleFromJSON(value as Parameters<typeof bundleFromJSON>[0]);
  } catch (cause) {
    throw malformed('it is no Sigstore bundle', cause);
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

function malformed(why: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${SIGNATURE_FILE} is no model signature: ${why}`, {
    hint: 'sign again: hubwright sign <bundle> --key <private key>',
    cause,
  });
}
