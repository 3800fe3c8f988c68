import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { CsvError, parse } from 'csv-parse';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from './unreadable-file.ts';

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

/** A row longer than this is a missing closing quote that swallowed the file. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
const LINE_BREAK = /\r\n|\r|\n/g;

/** What is done with a file while it is read. Either may throw; the error is passed on. */
export interface CsvVisitor {
  readonly onHeader?: (columns: readonly string[]) => void;
  readonly onRow: (row: CsvRow) => void;
}

/**
 * Reads an RFC 4180 file with a header line: quoted commas, quotes and newlines, LF or CRLF, with or without a byte
 * order mark. Blank lines are no rows, as for pandas.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming file, row and line.
 */
export async function readCsv(path: string): Promise<CsvTable> {
  let columns: readonly string[] = [];
  const rows: CsvRow[] = [];
  await scanCsv(path, {
    onHeader: (header) => {
      columns = header;
    },
    onRow: (row) => rows.push(row),
  });
  return { columns, rows };
}

/**
 * Reads a file as `readCsv` does and hands over row after row, so that a large one need not be kept.
 *
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming file, row and line.
 */
export async function scanCsv(path: string, visitor: CsvVisitor): Promise<void> {
  const name = basename(path);
  const table = createTable(name, visitor);
  const parser = parse({
    raw: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    // A stream that fails drops the rows that nobody took yet: taken here, they are counted in an error's place.
    on_record: (row) => {
      const { record, raw } = row as unknown as { record: string[]; raw: string };
      table.add(record, raw);
      return null;
    },
  });
  try {
    await pipeline(readUtf8(path, name), parser.resume());
  } catch (cause) {
    if (cause instanceof HubwrightError) throw cause;
    if (cause instanceof CsvError) throw table.describeFault(cause);
    throw unreadableFile(path, cause);
  }
  table.finish();
}

function createTable(name: string, { onHeader, onRow }: CsvVisitor) {
  let columns: readonly string[] | undefined;
  let rows = 0;
  let nextLine = 1;
  const place = (line: number) =>
    columns === undefined ? `${name}, header` : `${name}, row ${rows + 1} (line ${line})`;
  return {
    add(record: readonly string[], raw: string): void {
      const line = nextLine + countBreaks(/^[\r\n]*/.exec(raw)?.[0] ?? '');
      nextLine += countBreaks(raw);
      if (columns === undefined) {
        columns = checkHeader(record, name);
        onHeader?.(columns);
        return;
      }
      if (record.length !== columns.length) {
        throw new HubwrightError(
          'INPUT_INVALID',
          `${place(line)} has ${record.length} cell${record.length === 1 ? '' : 's'}, the header names ${columns.length} columns`,
          { hint: 'write it again with DataFrame.to_csv, which quotes commas and newlines inside a cell' },
        );
      }
      // fromEntries defines what it is given, even a column named __proto__.
      const cells = Object.fromEntries(columns.map((column, i) => [column, record[i] ?? '']));
      rows += 1;
      onRow({ row: rows, line, cells });
    },
    describeFault(cause: CsvError): HubwrightError {
      const what = FAULTS[cause.code] ?? cause.message;
      return new HubwrightError('INPUT_INVALID', `${place(nextLine)}: ${what}`, {
        hint: 'write it again with DataFrame.to_csv, which doubles quotes inside a cell',
        cause,
      });
    },
    finish(): void {
      if (columns !== undefined) return;
      throw new HubwrightError('INPUT_INVALID', `${name} is empty; a header line was expected`, {
        hint: 'write it again with DataFrame.to_csv',
      });
    },
  };
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: `more than ${MAX_RECORD_BYTES} bytes in one row; is a quote never closed?`,
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that does not begin with one',
  CSV_INVALID_CLOSING_QUOTE: 'a quoted cell goes on behind its closing quote',
};

function checkHeader(header: readonly string[], name: string): readonly string[] {
  const twice = header.find((column, i) => header.indexOf(column) !== i);
  if (twice === undefined) return header;
  throw new HubwrightError('INPUT_INVALID', `${name} has two columns named "${twice}"`, {
    hint: 'rename one of them in its header line',
  });
}

/** The text of a file, without byte order mark. Latin-1 read as UTF-8 would be other text than training saw. */
async function* readUtf8(path: string, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const text = decodeChunk(decoder, chunk, name, line);
    line += countBreaks(text);
    yield text;
  }
  yield decodeChunk(decoder, Buffer.alloc(0), name, line);
}

/** An empty chunk is the end of the file. */
function decodeChunk(decoder: TextDecoder, chunk: Buffer, name: string, line: number): string {
  try {
    return decoder.decode(chunk, { stream: chunk.length > 0 });
  } catch (cause) {
    const good = new TextDecoder().decode(chunk).split('\uFFFD', 1)[0] ?? '';
    throw new HubwrightError('INPUT_INVALID', `${name}, line ${line + countBreaks(good)}: not UTF-8`, {
      hint: 'write it again with DataFrame.to_csv(…, encoding="utf-8")',
      cause,
    });
  }
}

function countBreaks(text: string): number {
  return text.match(LINE_BREAK)?.length ?? 0;
}
