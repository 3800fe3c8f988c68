import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateKey, readPublicKey, type SigningKey } from '../../src/attest/keys.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

export interface Pair {
  readonly privatePath: string;
  readonly publicPath: string;
  readonly privateKey: SigningKey;
  readonly publicKey: SigningKey;
}

/** A new pair of keys in files, as a signer has them. */
export async function makePair(namedCurve = 'P-256'): Promise<Pair> {
  const dir = makeTempDir();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  const [privatePath, publicPath] = [join(dir, 'key.pem'), join(dir, 'key.pub.pem')];
  writeFileSync(privatePath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(publicPath, publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    privatePath,
    publicPath,
    privateKey: await readPrivateKey(privatePath, undefined),
    publicKey: await readPublicKey(publicPath),
  };
}
