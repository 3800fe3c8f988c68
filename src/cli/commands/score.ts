import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { computeRootDigest, hashBundle } from '../../bundle.ts';
import { readLabelNames } from '../../checkpoint/labels.ts';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { decomposeExport } from '../../export/index.ts';
import { scanCsv } from '../../formats/csv.ts';
import { readJsonObject } from '../../formats/json.ts';
import { type CachePlace, type Scores, scoreTexts } from '../../inference/index.ts';
import { checkTemplateColumns, fillTemplate } from '../../inference/template.ts';
import type { TextSource } from '../../inference/text-source.ts';
import { createContext } from '../context.ts';
import { addDeviceFlags, type DeviceFlags, readDeviceFlags } from '../device-flags.ts';
import { type CacheFlags, type GlobalFlags, NO_CACHE } from '../terminal.ts';

export function addScore(program: Command): void {
  const command = program
    .command('score')
    .description("score rows with a bundle's own model, tokenizer and input template")
    .argument('[bundle]', 'the bundle folder', '.')
    .option(
      '--input <file.csv>',
      "rows with the template's columns (default: one whole text on standard input)",
    )
    .option(...NO_CACHE);
  addDeviceFlags(command).action(async (dir: string, _: unknown, command: Command) => {
    const flags = command.optsWithGlobals<GlobalFlags & CacheFlags & DeviceFlags & { input?: string }>();
    const { onProgress, signal, cacheDir, finish } = createContext('score', flags);
    const { input, head } = await loadConfig(join(dir, CONFIG_FILE));
    const labels = readLabelNames(await readJsonObject(join(dir, 'config.json'))) ?? [''];
    const texts =
      flags.input === undefined ? [await readText(process.stdin)] : readRows(flags.input, input.template);
    const { scores, logits, distinctTexts, cachedTexts } = await scoreTexts(dir, texts, {
      maxLength: input.maxLength,
      activation: head.activation,
      labels: labels.length,
      onAdvance: (progress) => onProgress({ kind: 'advance', stage: 'score', unit: 'rows', ...progress }),
      signal,
      ...readDeviceFlags(flags),
      decompose: () => decomposeExport(dir, head.pooling),
      onNote: (message) => onProgress({ kind: 'note', message }),
      // Hashing a bundle takes longer than scoring one text.
      cache: flags.input === undefined ? undefined : await placeCache(cacheDir, dir),
    });
    const rows = tabulate(labels, { scores, logits });
    finish(stringify(rows, { header: true }).trimEnd(), {
      bundle: dir,
      cache: { texts: distinctTexts, cached: cachedTexts },
      rows,
    });
  });
}

/** One row a text: its score and its logit, by the name of the label where there are several. */
function tabulate(
  labels: readonly string[],
  { scores, logits }: Pick<Scores, 'scores' | 'logits'>,
): Record<string, number>[] {
  const suffixes = labels.length === 1 ? [''] : labels.map((label) => `_${label}`);
  return Array.from({ length: scores.length / labels.length }, (_, row) => {
    const at = row * labels.length;
    const columns = suffixes.flatMap((suffix, label) => [
      [`score${suffix}`, scores[at + label] ?? Number.NaN] as const,
      [`logit${suffix}`, logits[at + label] ?? Number.NaN] as const,
    ]);
    return { row: row + 1, ...Object.fromEntries(columns) };
  });
}

/** Nothing proves here that the graph is an export: its scores may depend on any file of the folder. */
async function placeCache(cacheDir: string | undefined, dir: string): Promise<CachePlace | undefined> {
  if (cacheDir === undefined) return undefined;
  return { dir: cacheDir, model: computeRootDigest(await hashBundle(dir)) };
}

/** Reads the file while its rows are tokenized: no row is kept as text. */
function readRows(path: string, template: string): TextSource {
  return (take) =>
    scanCsv(path, {
      onHeader: (columns) => checkTemplateColumns(template, { columns }, path),
      onRow: ({ cells }) => take(fillTemplate(template, cells)),
    });
}
