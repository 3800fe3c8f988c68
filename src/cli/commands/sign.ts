import { join } from 'node:path';
import type { Command } from 'commander';
import { signBundle } from '../../attest/index.ts';
import { readPrivateKey } from '../../attest/keys.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addSign(program: Command): void {
  program
    .command('sign')
    .description(
      "write model.sig: a signature over the bundle's files that others can check with your public key",
    )
    .argument('[bundle]', 'the bundle folder', '.')
    .requiredOption(
      '--key <file>',
      'a private key in PEM, on P-256, P-384 or P-521; HUBWRIGHT_KEY_PASSPHRASE opens an encrypted one',
    )
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { key: string }>();
      const { onProgress, finish } = createContext('sign', flags);
      const key = await readPrivateKey(flags.key, process.env.HUBWRIGHT_KEY_PASSPHRASE || undefined);
      onProgress({ kind: 'start', stage: 'sign', message: `signing ${dir}` });
      const signed = await signBundle(dir, key);
      onProgress({ kind: 'done', stage: 'sign', message: `${signed.files} files` });
      const text = `${join(dir, signed.file)}: ${signed.files} files, digest ${signed.digest}\nnext: hubwright verify ${dir} --key <public key>`;
      finish(text, { bundle: dir, ...signed });
    });
}
