import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { scanCsv } from '../../formats/csv.ts';
import { scoreTexts } from '../../inference/index.ts';
import { checkTemplateColumns, fillTemplate } from '../../inference/template.ts';
import type { TextSource } from '../../inference/text-source.ts';
import { createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

export function addScore(program: Command): void {
  program
    .command('score')
    .description("score rows with a bundle's own model, tokenizer and input template")
    .argument('[bundle]', 'the bundle folder', '.')
    .option(
      '--input <file.csv>',
      "rows with the template's columns (default: one whole text on standard input)",
    )
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & { input?: string }>();
      const { onProgress, signal, finish } = createContext('score', flags);
      const { input, head } = await loadConfig(join(dir, CONFIG_FILE));
      const texts =
        flags.input === undefined ? [await readText(process.stdin)] : readRows(flags.input, input.template);
      const { scores, logits } = await scoreTexts(dir, texts, {
        maxLength: input.maxLength,
        activation: head.activation,
        onAdvance: (progress) => onProgress({ kind: 'advance', stage: 'score', unit: 'rows', ...progress }),
        signal,
      });
      const rows = [...scores].map((score, row) => ({ row: row + 1, score, logit: logits[row] }));
      finish(stringify(rows, { header: true }).trimEnd(), { bundle: dir, rows });
    });
}

/** Reads the file while its rows are tokenized: no row is kept as text. */
function readRows(path: string, template: string): TextSource {
  return (take) =>
    scanCsv(path, {
      onHeader: (columns) => checkTemplateColumns(template, { columns }, path),
      onRow: ({ cells }) => take(fillTemplate(template, cells)),
    });
}
