import { readBundleSignature } from '../../attest/index.ts';
import { compareManifest } from '../../attest/manifest.ts';
import { fingerprint } from '../../attest/model-signature.ts';
import { SIGNATURE_FILE } from '../../bundle.ts';
import type { Rule } from '../rule.ts';

/** Enough to see what is wrong; a signature of another model differs in every file. */
const MAX_NAMED = 5;

export const signature: Rule = {
  code: 'signature',
  title: 'model.sig is about exactly these files',
  group: 'files',
  severity: 'error',
  explanation:
    'A `model.sig` (OpenSSF model signing v1.0) lists every file with its sha256: none is missing in it, left over or another. With `--key` it was made by that very key, and a bundle without one fails; without `--key` nobody can say who signed, so that a right signature counts as skipped.',
  fix: 'if you changed the files on purpose, sign again: hubwright sign <bundle> --key <private key>; if not, get them again from who signed them',
  cheap: true,
  async check({ dir, hashes, publicKey }) {
    const found = await readBundleSignature(dir);
    if (found === undefined) {
      if (publicKey === undefined) return { skipped: 'the bundle is not signed' };
      return {
        findings: [
          {
            path: SIGNATURE_FILE,
            message: 'is missing: the bundle is not signed',
            hint: 'sign it: hubwright sign <bundle> --key <private key>',
          },
        ],
      };
    }
    if (publicKey !== undefined && !found.madeBy(publicKey)) {
      const wanted = fingerprint(publicKey.key).slice(0, 12);
      const named = found.keyHint === undefined ? '' : `; it names the key ${found.keyHint.slice(0, 12)}…`;
      return {
        findings: [
          {
            path: SIGNATURE_FILE,
            message: `was not made by the key ${wanted}…, or was changed since${named}`,
            hint: 'check that --key is the public key of who signed; if it is, trust none of these files',
          },
        ],
      };
    }
    const differences = compareManifest(found.manifest, await hashes());
    if (differences.length > 0) {
      const more = differences.length - MAX_NAMED;
      const listed = differences.slice(0, MAX_NAMED).map((message) => ({ path: SIGNATURE_FILE, message }));
      const rest = { path: SIGNATURE_FILE, message: `and ${more} more such differences` };
      return { findings: more > 0 ? [...listed, rest] : listed };
    }
    if (publicKey === undefined) return { skipped: 'signed, but --key did not say by whom it should be' };
    return { findings: [] };
  },
};
