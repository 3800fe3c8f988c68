import { join } from 'node:path';
import { readLimited } from '../../formats/limited-file.ts';
import { readTrainingArgs } from '../../formats/training-args.ts';
import type { Rule } from '../rule.ts';

const FILE = 'training_args.bin';

const KINDS = {
  secret: ['error', 'holds a credential'],
  'absolute-path': ['warning', 'holds a path on the machine that trained'],
  'host-name': ['warning', "holds the machine's name"],
} as const;

export const trainingArgsLeaks: Rule = {
  code: 'training-args-leaks',
  title: 'training_args.bin gives nothing away',
  group: 'privacy',
  severity: 'error',
  explanation:
    '`training_args.bin` is the live object of the run: `hub_token`, output folders and run names with host names sit in it in clear text, though Trainer masks the token everywhere else.',
  fix: 'leave the file out: assemble does so by itself, and writes training_args.json without them; revoke the token if there is one',
  cheap: true,
  async check({ dir, files }) {
    if (!files.includes(FILE)) return { notApplicable: `there is no ${FILE}` };
    const { leaks } = await readTrainingArgs(await readLimited(join(dir, FILE)));
    return {
      findings: leaks.map(({ key, kind }) => {
        const [severity, what] = KINDS[kind];
        return { path: FILE, severity, message: key === FILE ? what : `${key} ${what}` };
      }),
    };
  },
};
