import { join } from 'node:path';
import type { Command } from 'commander';
import { attestBundle } from '../../attest/index.ts';
import { readPrivateKey } from '../../attest/keys.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addAttest(program: Command): void {
  program
    .command('attest')
    .description(
      'write provenance.intoto.json: what the bundle was made from, by what, and how it was verified',
    )
    .argument('[bundle]', 'the bundle folder', '.')
    .option(
      '--key <file>',
      'sign it with this private key in PEM, on P-256, P-384 or P-521; HUBWRIGHT_KEY_PASSPHRASE opens an encrypted one',
    )
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { key?: string }>();
      const { onProgress, finish } = createContext('attest', flags);
      const passphrase = process.env.HUBWRIGHT_KEY_PASSPHRASE || undefined;
      const key = flags.key === undefined ? undefined : await readPrivateKey(flags.key, passphrase);
      onProgress({ kind: 'start', stage: 'attest', message: `attesting ${dir}` });
      const { file, files, inputs, signed, verified } = await attestBundle(dir, key);
      onProgress({
        kind: 'done',
        stage: 'attest',
        message: `${files} files from ${inputs} of the run folder`,
      });
      const verdict = { true: 'verified', false: 'not verified', null: 'nobody has verified these files' }[
        `${verified}`
      ];
      const facts = `${files} files from ${inputs} of the run folder, ${signed ? 'signed' : 'not signed'}; ${verdict}`;
      const next = signed
        ? `hubwright verify ${dir} --key <public key>`
        : `sign it, so that others can believe it: hubwright attest ${dir} --key <private key>`;
      finish(`${join(dir, file)}: ${facts}\nnext: ${next}`, {
        bundle: dir,
        file,
        files,
        inputs,
        signed,
        verified,
      });
    });
}
