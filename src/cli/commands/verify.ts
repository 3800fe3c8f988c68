import type { Command } from 'commander';
import { EXIT } from '../../errors.ts';
import { formatReport } from '../../report/pretty.ts';
import { verify } from '../../verify/index.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('prove a bundle: check its files, run the model over the test split, compare the metrics')
    .argument('[bundle]', 'the bundle folder', '.')
    .option('--strict', 'let warnings fail too')
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { strict?: boolean }>();
      const { onProgress, signal, paint, finish } = createContext('verify', flags);
      const report = await verify(dir, { strict: flags.strict === true, onProgress, signal });
      finish(formatReport(report, paint), { bundle: dir, report });
      if (!report.ok) process.exitCode = EXIT.findings;
    });
}
