import type { Command } from 'commander';
import { createContext } from '../context.ts';
import { parsePort } from '../port.ts';
import type { GlobalFlags } from '../terminal.ts';

interface PreviewFlags extends GlobalFlags {
  readonly port: number;
  readonly open?: boolean;
}

export function addPreview(program: Command): void {
  program
    .command('preview')
    .description('show the card as the Hub would, beside the report, on a page that follows your edits')
    .argument('[bundle]', 'the bundle folder', '.')
    .option('--port <number>', 'the port; 0 takes a free one', parsePort, 8789)
    .option('--open', 'open it in the browser')
    .option('--no-open', 'only print where it is (the default)')
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<PreviewFlags>();
      const { signal, finish, onProgress } = createContext('preview', flags);
      // Both are large, and no other command needs them.
      const { startPreview } = await import('../../preview/index.ts');
      const preview = await startPreview(dir, {
        port: flags.port,
        onChange: () => onProgress({ kind: 'note', message: 'changed: pages load anew' }),
      });
      finish(`${dir} is shown at ${preview.url}; Ctrl-C ends it`, { bundle: dir, url: preview.url });
      if (flags.open === true) await openBrowser(preview.url);
      await new Promise<void>((ended) => {
        signal.addEventListener('abort', () => ended());
        process.once('SIGTERM', () => ended());
      });
      await preview.close();
    });
}

/** The address was printed, so a machine without a browser is no failure. */
async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  const child = await open(url).catch(() => undefined);
  child?.on('error', () => {});
}
