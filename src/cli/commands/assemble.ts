import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type AssembledBundle, assemble } from '../../assemble/index.ts';
import { nameFromFolder } from '../../assemble/run-folder.ts';
import type { Config } from '../../config.ts';
import { formatBytes } from '../../formats/shown-bytes.ts';
import { type AssembleFlags, OWN_ONNX } from '../assemble-flags.ts';
import { type Context, createContext, loadRunConfig } from '../context.ts';
import { NO_CACHE } from '../terminal.ts';

export function addAssemble(program: Command): void {
  program
    .command('assemble')
    .description('make the repository folder (the bundle) from what a training run left behind')
    .argument('[run-dir]', 'the folder that training wrote', '.')
    .option('--out <dir>', 'where the bundle goes (default: <name>_hf in this folder)')
    .option('--repo <owner/name>', 'the repository it will be published as, named in the card')
    .option(...OWN_ONNX)
    .option(...NO_CACHE)
    .action(async (runDir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<AssembleFlags>();
      const context = createContext('assemble', flags);
      const { dir, lock } = await assembleRun(runDir, flags, context);
      const list = lock.files.map(({ path, size }) => `  ${path} (${formatBytes(size)})`).join('\n');
      context.finish(`${dir}\n${list}\nnext: hubwright verify ${dir}`, { bundle: dir, lock });
    });
}

/** Assembles with the run's config and the flags that override it. */
export async function assembleRun(
  runDir: string,
  flags: AssembleFlags,
  context: Context,
): Promise<AssembledBundle> {
  const loaded = await loadRunConfig(runDir, flags);
  const config: Config = flags.repo === undefined ? loaded : { ...loaded, repo: flags.repo };
  const outDir = flags.out ?? defaultOut(config, runDir);
  const { cacheDir, onProgress, signal } = context;
  return assemble(runDir, { config, outDir, onnx: flags.onnx, cacheDir, onProgress, signal });
}

function defaultOut(config: Config, runDir: string): string {
  return relative('.', resolve(`${config.name ?? nameFromFolder(runDir)}_hf`));
}
