import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';

/** The curves that the model signing specification knows, by OpenSSL's names, with the hash that belongs to each. */
const HASHES: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

const MAKE_KEY = 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem';

/** An elliptic-curve key, and the hash to sign with. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly hash: string;
}

/**
 * Reads a private key in PEM. No error tells what is in the file.
 *
 * @param passphrase for an encrypted one
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID
 */
export async function readPrivateKey(path: string, passphrase: string | undefined): Promise<SigningKey> {
  const pem = await readPem(path);
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const isLocked = /ENCRYPTED/.test(pem.toString('latin1'));
    // OpenSSL's message is left out, as is the cause: neither helps, and one day either may quote the key.
    throw isLocked ? lockedKey(path, passphrase, error) : noKey(path, 'a private key in PEM', MAKE_KEY);
  }
  return checkCurve(key, path);
}

/** Reads a public key in PEM; of a private key its public half. @throws HubwrightError INPUT_MISSING or INPUT_INVALID */
export async function readPublicKey(path: string): Promise<SigningKey> {
  const pem = await readPem(path);
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch {
    throw noKey(path, 'a public key in PEM', 'openssl pkey -in key.pem -pubout -out key.pub.pem');
  }
  return checkCurve(key, path);
}

/** A key is a few hundred bytes; whatever else was named is not read whole. */
const MAX_PEM_BYTES = 64 * 1024;

async function readPem(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
  if (bytes.length > MAX_PEM_BYTES) throw noKey(path, 'a key in PEM', MAKE_KEY);
  return bytes;
}

function checkCurve(key: KeyObject, path: string): SigningKey {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const hash = curve === undefined ? undefined : HASHES[curve];
  if (key.asymmetricKeyType === 'ec' && hash !== undefined) return { key, hash };
  const found = curve ?? key.asymmetricKeyType ?? 'unknown';
  throw noKey(path, `a key on the curve P-256, P-384 or P-521 (it is ${found})`, MAKE_KEY);
}

function noKey(path: string, expected: string, hint: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${path} is not ${expected}`, { hint });
}

function lockedKey(path: string, passphrase: string | undefined, error: unknown): HubwrightError {
  const isUnsupported = (error as { code?: string }).code === 'ERR_OSSL_UNSUPPORTED';
  if (passphrase !== undefined && !isUnsupported) {
    return new HubwrightError('INPUT_INVALID', `the passphrase does not open ${path}`, {
      hint: 'set HUBWRIGHT_KEY_PASSPHRASE to the one it was encrypted with',
    });
  }
  return new HubwrightError('INPUT_INVALID', `${path} is encrypted`, {
    hint: 'set HUBWRIGHT_KEY_PASSPHRASE to its passphrase',
  });
}
