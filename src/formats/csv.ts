import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { HubwrightError } from '../errors.ts';

/** One data row. `row` counts data rows from 1, as pandas' index + 1; `line` is where the row starts in the file. */
export interface CsvRow {
  readonly row: number;
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** A cell longer than this is a missing closing quote that swallowed the file. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/**
 * Reads an RFC 4180 file with a header line: quoted commas, quotes and newlines, LF or CRLF, with or without a byte
 * order mark.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming file, row and line.
 */
export async function readCsv(path: string): Promise<CsvTable> {
  const name = basename(path);
  let columns: string[] = [];
  const rows: CsvRow[] = [];
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: MAX_RECORD_BYTES,
    columns: (header: string[]) => {
      columns = checkHeader(header, name);
      return columns;
    },
  });
  const source = createReadStream(path);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let nextLine = 2;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      rows.push({ row: rows.length + 1, line: nextLine, cells: record });
      nextLine = info.lines + 1;
    }
  } catch (cause) {
    throw describeFailure(cause, name, path, rows.length + 1);
  }
  if (columns.length === 0)
    throw new HubwrightError('INPUT_INVALID', `${name} is empty; a header line was expected`);
  return { columns, rows };
}

function checkHeader(header: string[], name: string): string[] {
  const seen = new Set<string>();
  for (const column of header) {
    if (seen.has(column))
      throw new HubwrightError('INPUT_INVALID', `${name} has two columns named "${column}"`);
    seen.add(column);
  }
  return header;
}

function describeFailure(cause: unknown, name: string, path: string, row: number): HubwrightError {
  if (cause instanceof HubwrightError) return cause;
  if (cause instanceof CsvError) {
    const line = typeof cause.lines === 'number' ? `, line ${cause.lines}` : '';
    return new HubwrightError('INPUT_INVALID', `${name}, row ${row}${line}: ${cause.message}`, {
      hint: 'every row needs as many cells as the header; write it again with pandas.DataFrame.to_csv',
      cause,
    });
  }
  return new HubwrightError('INPUT_MISSING', `${path} cannot be read`, { cause });
}
