import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { readLock, writeLock } from '../../bundle.ts';
import { renderCard } from '../../card/index.ts';
import { EXIT } from '../../errors.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addCard(program: Command): void {
  program
    .command('card')
    .description("regenerate a bundle's README.md from its files; the weights are not touched")
    .argument('[bundle]', 'the bundle folder', '.')
    .option('--check', 'change nothing; exit 1 when the card would change')
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { check?: boolean }>();
      const { finish } = createContext('card', flags);
      await readLock(dir);
      const path = join(dir, 'README.md');
      const before = await readFile(path, 'utf8').catch(() => undefined);
      const after = await renderCard(dir);
      const changed = before !== after;
      if (flags.check === true) {
        const text = changed
          ? `${path} is out of date\nnext: hubwright card ${dir}`
          : `${path} is up to date`;
        finish(text, { bundle: dir, changed });
        if (changed) process.exitCode = EXIT.findings;
        return;
      }
      if (changed) {
        await writeFileAtomic(path, after);
        await writeLock(dir);
      }
      finish(changed ? `${path} written` : `${path} was up to date`, { bundle: dir, changed });
    });
}
