import { readBundleProvenance } from '../../attest/index.ts';
import { compareProvenance } from '../../attest/provenance.ts';
import { computeRootDigest, PROVENANCE_FILE } from '../../bundle.ts';
import type { Rule } from '../rule.ts';
import { blameSigner, listDifferences } from '../statement-findings.ts';

export const provenance: Rule = {
  code: 'provenance',
  title: 'provenance.intoto.json is about exactly these files',
  group: 'files',
  severity: 'error',
  explanation:
    'A `provenance.intoto.json` (in-toto statement v1, SLSA provenance v1) tells what the files were made from: its subjects are all files with their sha256, none missing, left over or another, and the verification that it tells of was one of these files. With `--key` it was signed by that very key; without `--key`, or unsigned, anybody may have written it, so that it counts as skipped.',
  fix: 'if you changed the files on purpose, write it again: hubwright attest <bundle> --key <private key>; if not, get them again from who made them',
  cheap: true,
  async check({ dir, hashes, publicKey }) {
    const found = await readBundleProvenance(dir);
    if (found === undefined) return { notApplicable: `the bundle has no ${PROVENANCE_FILE}` };
    const { statement, sealed } = found;
    if (publicKey !== undefined && sealed === undefined) {
      return {
        findings: [
          {
            path: PROVENANCE_FILE,
            message: 'is not signed: anybody may have written it',
            hint: 'sign it: hubwright attest <bundle> --key <private key>; or delete it',
          },
        ],
      };
    }
    if (publicKey !== undefined && sealed !== undefined && !sealed.madeBy(publicKey)) {
      return { findings: [blameSigner(PROVENANCE_FILE, sealed, publicKey)] };
    }
    const files = await hashes();
    const differences = compareProvenance(statement, files, computeRootDigest(files));
    if (differences.length > 0) return { findings: listDifferences(PROVENANCE_FILE, differences) };
    if (sealed === undefined) return { skipped: 'it is about these files, but nobody signed it' };
    if (publicKey === undefined) return { skipped: 'signed, but --key did not say by whom it should be' };
    return { findings: [] };
  },
};
