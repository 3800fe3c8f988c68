import { join } from 'node:path';
import { findSecretsInFile } from '../../formats/secret-scan.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Pictures and graphs that Hubwright draws and writes itself, and weights: nothing in them was typed. */
const NOT_TYPED = /\.(png|jpe?g|gif|safetensors|onnx)$/i;

export const secrets: Rule = {
  code: 'secrets',
  title: 'no file holds a credential',
  group: 'privacy',
  severity: 'error',
  explanation:
    'No token of a well-known service, private key, password in a URL or value of a key called token or password is in any file, `training_args.bin` included. The Hub refuses commits with its own tokens and mails about others; whoever downloads the model has them all. The value is never shown, not even in part.',
  fix: 'revoke the credential where it was issued, take it out of the file, and assemble again',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    for (const path of files.filter((name) => !NOT_TYPED.test(name))) {
      for (const { kind, line } of await findSecretsInFile(join(dir, path))) {
        const article = /^[AEIOU]/i.test(kind) ? 'an' : 'a';
        if (line === 0) findings.push({ path, message: `holds ${article} ${kind}` });
        else findings.push({ path, line, message: `holds ${article} ${kind}` });
      }
    }
    return { findings };
  },
};
