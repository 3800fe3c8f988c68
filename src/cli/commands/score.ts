import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { CONFIG_FILE, loadConfig } from '../../config.ts';
import { readCsv } from '../../formats/csv.ts';
import { scoreTexts } from '../../inference/index.ts';
import { checkTemplateColumns, fillTemplate } from '../../inference/template.ts';
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
        flags.input === undefined
          ? [await readText(process.stdin)]
          : await readRows(flags.input, input.template);
      const { scores, logits } = await scoreTexts(dir, texts, {
        maxLength: input.maxLength,
        activation: head.activation,
        onAdvance: (done, total) =>
          onProgress({ kind: 'advance', stage: 'score', done, total, unit: 'rows' }),
        signal,
      });
      const rows = [...scores].map((score, row) => ({ row: row + 1, score, logit: logits[row] }));
      finish(stringify(rows, { header: true }).trimEnd(), { bundle: dir, rows });
    });
}

async function readRows(path: string, template: string): Promise<string[]> {
  const table = await readCsv(path);
  checkTemplateColumns(template, table, path);
  return table.rows.map(({ cells }) => fillTemplate(template, cells));
}
