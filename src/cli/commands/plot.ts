import { join } from 'node:path';
import type { Command } from 'commander';
import { writePictures } from '../../assemble/pictures.ts';
import { readLock, writeLock } from '../../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addPlot(program: Command): void {
  program
    .command('plot')
    .description("draw the bundle's pictures again from its predictions")
    .argument('[bundle]', 'the bundle folder', '.')
    .action(async (dir: string, _: unknown, command: Command) => {
      const { finish } = createContext('plot', command.optsWithGlobals<GlobalFlags>());
      await readLock(dir);
      const files = await writePictures(dir, await loadConfig(join(dir, CONFIG_FILE)));
      const { rootDigest } = await writeLock(dir);
      finish(files.map((file) => join(dir, file)).join('\n'), { bundle: dir, files, rootDigest });
    });
}
