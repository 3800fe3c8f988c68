import { hashBeside, readBundleSignature } from '../../attest/index.ts';
import { compareBeside, compareManifest, SIGN_WITHOUT_IT } from '../../attest/manifest.ts';
import { SIGNATURE_FILE } from '../../bundle.ts';
import type { Rule } from '../rule.ts';
import { blameSigner, listDifferences } from '../statement-findings.ts';

export const signature: Rule = {
  code: 'signature',
  title: 'model.sig is about exactly these files',
  group: 'files',
  severity: 'error',
  explanation:
    'A `model.sig` (OpenSSF model signing v1.0) lists every file with its sha256: none is missing in it, left over or another. Another tool may have signed `verification.json` too: then the one from before this verification is compared, and the one that it writes makes the signature wrong. With `--key` it was made by that very key, and a bundle without one fails; without `--key` nobody can say who signed, so that a right signature counts as skipped.',
  fix: 'if you changed the files on purpose, sign again: hubwright sign <bundle> --key <private key>; if not, get them again from who signed them',
  cheap: true,
  async check({ dir, hashes, publicKey }) {
    const found = await readBundleSignature(dir);
    if (found === undefined) {
      if (publicKey === undefined) return { notApplicable: 'the bundle is not signed' };
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
      return { findings: [blameSigner(SIGNATURE_FILE, found, publicKey)] };
    }
    const files = await hashes();
    const beside = compareBeside(found.statement, [...files, ...(await hashBeside(dir))]);
    const findings = [
      ...listDifferences(SIGNATURE_FILE, compareManifest(found.statement, files)),
      ...listDifferences(SIGNATURE_FILE, beside).map((one) => ({ ...one, hint: SIGN_WITHOUT_IT })),
    ];
    if (findings.length > 0) return { findings };
    if (publicKey === undefined) return { skipped: 'signed, but --key did not say by whom it should be' };
    return { findings: [] };
  },
};
