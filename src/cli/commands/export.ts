import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readLock, writeLock } from '../../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { exportOnnx, ONNX_FILE } from '../../export/index.ts';
import { exportVariants } from '../../export/variants/index.ts';
import type { VariantLoss } from '../../export/variants/loss.ts';
import { VARIANTS, type Variant } from '../../export/variants/names.ts';
import { createContext } from '../context.ts';
import { type CacheFlags, type GlobalFlags, NO_CACHE } from '../terminal.ts';

interface ExportFlags extends GlobalFlags, CacheFlags {
  readonly variant?: readonly Variant[];
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description("write model.onnx from a bundle's weights and config, without Python")
    .argument('[bundle]', 'the bundle folder', '.')
    .addOption(
      new Option(
        '--variant <names...>',
        'standalone models to write into onnx/ too (default: onnx.variants in hubwright.json)',
      ).choices(VARIANTS),
    )
    .option(...NO_CACHE)
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      const { onProgress, signal, cacheDir, finish } = createContext('export', flags);
      onProgress({ kind: 'start', stage: 'export', message: `exporting ${dir}` });
      await readLock(dir);
      const config = await loadConfig(join(dir, CONFIG_FILE));
      const { parameters } = await exportOnnx(dir, { pooling: config.head.pooling });
      const wanted = flags.variant ?? config.onnx.variants;
      const variants = await exportVariants(dir, wanted, config, { onProgress, signal, cacheDir });
      const { rootDigest } = await writeLock(dir);
      onProgress({ kind: 'done', stage: 'export', message: `${parameters} parameters` });
      const text = [join(dir, ONNX_FILE), ...variants.map((loss) => describe(dir, loss))].join('\n');
      finish(text, { bundle: dir, file: ONNX_FILE, parameters, variants, rootDigest });
    });
}

function describe(dir: string, { file, r2, maxDifference, rows }: VariantLoss): string {
  return `${join(dir, file)} (against model.onnx over ${rows} rows: R² ${r2?.toFixed(6) ?? 'has no value'}, largest difference ${maxDifference.toPrecision(2)})`;
}
