import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isBundle, readLock, writeLock } from '../../bundle.ts';
import { CARD_FILE } from '../../card/index.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../../config.ts';
import { HubwrightError } from '../../errors.ts';
import { exportOnnx, ONNX_FILE } from '../../export/index.ts';
import { exportVariants } from '../../export/variants/index.ts';
import type { VariantLoss } from '../../export/variants/loss.ts';
import { VARIANTS, type Variant } from '../../export/variants/names.ts';
import { WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../../formats/weights.ts';
import { type Context, createContext } from '../context.ts';
import { type CacheFlags, type GlobalFlags, NO_CACHE } from '../terminal.ts';

const POOLINGS = ['mean', 'cls', 'max'] as const;

interface ExportFlags extends GlobalFlags, CacheFlags {
  readonly variant?: readonly Variant[];
  readonly pooling?: Config['head']['pooling'];
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write model.onnx from the weights and config.json of a folder, without Python')
    .argument('[dir]', 'a bundle, or any folder with weights and config.json', '.')
    .addOption(
      new Option(
        '--variant <names...>',
        'standalone models to write into onnx/ of a bundle too (default: onnx.variants in hubwright.json)',
      ).choices(VARIANTS),
    )
    .addOption(
      new Option(
        '--pooling <how>',
        'how a wrapper of its own pools, in a folder without hubwright.json (default: mean)',
      ).choices(POOLINGS),
    )
    .option(...NO_CACHE)
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      const context = createContext('export', flags);
      context.onProgress({ kind: 'start', stage: 'export', message: `exporting ${dir}` });
      if (isBundle(dir)) await exportBundle(dir, flags, context);
      else await exportFolder(dir, flags, context);
    });
}

async function exportBundle(dir: string, flags: ExportFlags, context: Context): Promise<void> {
  const { onProgress, signal, cacheDir, finish } = context;
  await readLock(dir);
  const config = await loadConfig(join(dir, CONFIG_FILE));
  checkMayExport(config, dir);
  if (flags.pooling !== undefined && flags.pooling !== config.head.pooling) {
    throw new HubwrightError(
      'USAGE',
      `--pooling ${flags.pooling} is not what ${CONFIG_FILE} of the bundle says`,
      {
        hint: 'set head.pooling in hubwright.json of the run folder and assemble again',
      },
    );
  }
  const { parameters } = await exportOnnx(dir, { pooling: config.head.pooling });
  const wanted = flags.variant ?? config.onnx.variants;
  const variants = await exportVariants(dir, wanted, config, { onProgress, signal, cacheDir });
  const { rootDigest } = await writeLock(dir);
  onProgress({ kind: 'done', stage: 'export', message: `${parameters} parameters` });
  // No rule asks whether the card names every variant: it is told here.
  const hasCard = variants.length > 0 && existsSync(join(dir, CARD_FILE));
  const lines = [
    join(dir, ONNX_FILE),
    ...variants.map((loss) => describe(dir, loss)),
    ...(hasCard ? [`next: hubwright card ${dir}`] : []),
  ];
  finish(lines.join('\n'), { bundle: dir, file: ONNX_FILE, parameters, variants, rootDigest });
}

/** A folder that is no bundle: nothing is known of it but the model, which may have several labels. */
async function exportFolder(dir: string, flags: ExportFlags, context: Context): Promise<void> {
  if (flags.variant !== undefined) {
    throw new HubwrightError(
      'USAGE',
      `${dir} is no bundle: a variant is measured over the test split of one`,
      {
        hint: 'make one: hubwright assemble <run-dir> --out <bundle>',
      },
    );
  }
  if (![WEIGHTS_FILE, WEIGHTS_INDEX_FILE].some((name) => existsSync(join(dir, name)))) {
    throw new HubwrightError('INPUT_MISSING', `${dir} holds no ${WEIGHTS_FILE}, and is not a bundle`, {
      hint: 'name a folder with weights and config.json, or make a bundle: hubwright assemble <run-dir>',
    });
  }
  const path = join(dir, CONFIG_FILE);
  const config = existsSync(path) ? await loadConfig(path) : undefined;
  if (config !== undefined) checkMayExport(config, dir);
  const pooling = flags.pooling ?? config?.head.pooling ?? 'mean';
  const { parameters, head } = await exportOnnx(dir, { pooling });
  context.onProgress({ kind: 'done', stage: 'export', message: `${parameters} parameters` });
  const document = { dir, file: ONNX_FILE, parameters, labels: head.labels };
  context.finish(join(dir, ONNX_FILE), document);
}

/** A file that its author made is not ours to replace. */
function checkMayExport({ onnx }: Config, dir: string): void {
  if (onnx.file === undefined) return;
  throw new HubwrightError('CONFIG', `${join(dir, ONNX_FILE)} is the author's own, as onnx.file says`, {
    hint: 'leave onnx.file out of hubwright.json to have the model exported, and assemble again',
  });
}

function describe(dir: string, { file, r2, maxDifference, rows }: VariantLoss): string {
  return `${join(dir, file)} (against model.onnx over ${rows} rows: R² ${r2?.toFixed(6) ?? 'has no value'}, largest difference ${maxDifference.toPrecision(2)})`;
}
