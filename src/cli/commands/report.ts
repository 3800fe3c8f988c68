import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { isBundle, REPORT_FILE } from '../../bundle.ts';
import { isJsonObject, parseJson } from '../../formats/json.ts';
import { unreadableFile } from '../../formats/unreadable-file.ts';
import type { ReportFormatName } from '../../report/format-names.ts';
import { REPORT_FORMATS } from '../../report/formats.ts';
import { formatReport } from '../../report/pretty.ts';
import { parseReport, type VerificationReport } from '../../verification.ts';
import { createContext } from '../context.ts';
import { describeSubject, writeReports } from '../reports.ts';
import type { GlobalFlags } from '../terminal.ts';

interface RenderFlags extends GlobalFlags {
  readonly format: ReportFormatName;
  readonly out?: string;
  readonly strict?: boolean;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('write a verification report in another format; nothing is verified again')
    .argument('[file]', 'a verification.json, what verify --json printed, or a bundle folder', '.')
    .addOption(
      new Option('--format <name>', 'how to write it').choices(Object.keys(REPORT_FORMATS)).default('text'),
    )
    .option('--out <file>', 'write to this file instead of stdout')
    .option('--strict', 'let warnings count as failures, as verify --strict does')
    .action(async (file: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<RenderFlags>();
      const { finish, paint, columns } = createContext('report', flags);
      const path = (await isFolder(file)) ? join(file, REPORT_FILE) : file;
      const report = await readAnyReport(path);
      const dir = isBundle(dirname(path)) ? dirname(path) : undefined;
      const subject = describeSubject(dir ?? file, dir, flags.strict);
      if (flags.out !== undefined) {
        await writeReports(report, [{ format: flags.format, path: flags.out }], subject);
        finish(flags.out, { file: flags.out, format: flags.format });
        return;
      }
      const text =
        flags.format === 'text'
          ? formatReport(report, paint, columns)
          : await REPORT_FORMATS[flags.format].render(report, subject);
      finish(text.trimEnd(), { format: flags.format, text });
    });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** A report by itself, or inside the document that `verify --json` prints. */
async function readAnyReport(path: string): Promise<VerificationReport> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
  const value = parseJson(text, path);
  const inner = isJsonObject(value) ? value.report : undefined;
  return parseReport(inner === undefined ? text : JSON.stringify(inner));
}
