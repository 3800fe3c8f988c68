import { join } from 'node:path';
import type { Command } from 'commander';
import { readLock, writeLock } from '../../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { exportOnnx, ONNX_FILE } from '../../export/index.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addExport(program: Command): void {
  program
    .command('export')
    .description("write model.onnx from a bundle's weights and config, without Python")
    .argument('[bundle]', 'the bundle folder', '.')
    .action(async (dir: string, _: unknown, command: Command) => {
      const { onProgress, finish } = createContext('export', command.optsWithGlobals<GlobalFlags>());
      onProgress({ kind: 'start', stage: 'export', message: `exporting ${dir}` });
      await readLock(dir);
      const { head } = await loadConfig(join(dir, CONFIG_FILE));
      const { parameters } = await exportOnnx(dir, { pooling: head.pooling });
      const { rootDigest } = await writeLock(dir);
      onProgress({ kind: 'done', stage: 'export', message: `${parameters} parameters` });
      finish(join(dir, ONNX_FILE), { bundle: dir, file: ONNX_FILE, parameters, rootDigest });
    });
}
