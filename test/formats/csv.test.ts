import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { type CsvTable, readCsv } from '../../src/formats/csv.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

function readText(content: string | Buffer): Promise<CsvTable> {
  const path = join(makeTempDir(), 'test_set.csv');
  writeFileSync(path, content);
  return readCsv(path);
}

/** Cells row by row, and the line at which each row starts. */
const summarize = ({ rows }: CsvTable) => ({
  cells: rows.map((row) => Object.values(row.cells)),
  lines: rows.map(({ line }) => line),
});

const GOOD: Record<string, [text: string, cells: string[][], lines: number[]]> = {
  'plain rows': [
    'a,b\n1,2\n3,4\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [2, 3],
  ],
  'no final newline': ['a,b\n1,2', [['1', '2']], [2]],
  'quotes and commas': ['a,b\n"x ""y""","1,2"\n', [['x "y"', '1,2']], [2]],
  'multi-line cells': [
    'a,b\n"1\n2\n3",x\n4,"5\n6"\n7,8\n',
    [
      ['1\n2\n3', 'x'],
      ['4', '5\n6'],
      ['7', '8'],
    ],
    [2, 5, 7],
  ],
  'CRLF, in and between rows': [
    'a,b\r\n"1\r\n2",x\r\n3,4\r\n',
    [
      ['1\r\n2', 'x'],
      ['3', '4'],
    ],
    [2, 4],
  ],
  'a multi-line header': [
    '"a\nb",c\n1,2\n3,4\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [3, 4],
  ],
  'a byte order mark': ['\uFEFFa,b\n1,2\n', [['1', '2']], [2]],
  'blank lines': [
    'a,b\n\n\n1,2\n\n3,4\n\n\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [4, 6],
  ],
  'blank lines with CRLF': [
    'a,b\r\n\r\n1,2\r\n\r\n\r\n3,4\r\n\r\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [3, 6],
  ],
  'empty cells': [
    'a,b\n,\n"",""\n',
    [
      ['', ''],
      ['', ''],
    ],
    [2, 3],
  ],
  'a header alone': ['a,b\n', [], []],
  'spaces, which are kept': ['a,b\n 1 ,2 \n', [[' 1 ', '2 ']], [2]],
  'columns named as object properties': ['__proto__,constructor\n1,2\n', [['1', '2']], [2]],
};

test.each(Object.entries(GOOD))('reads %s', async (_, [text, cells, lines]) => {
  const table = await readText(text);
  expect(summarize(table)).toEqual({ cells, lines });
  expect(table.rows.map(({ row }) => row)).toEqual(cells.map((_, i) => i + 1));
});

test('names the columns in order, without the byte order mark', async () => {
  expect((await readText('\uFEFFb,a,c d\n1,2,3\n')).columns).toEqual(['b', 'a', 'c d']);
});

const long = `a,b\n${'"x\ny",1\n'.repeat(20_000)}`;
const BAD: Record<string, [content: string | Buffer, message: RegExp]> = {
  'an empty file': ['', /^test_set\.csv is empty; a header line was expected$/],
  'a file of blank lines': ['\n\n', /is empty/],
  'a row with a cell too few': [
    'a,b\n1,2\n3\n4,5\n',
    /^test_set\.csv, row 2 \(line 3\) has 1 cell, .* 2 columns$/,
  ],
  'a row with a cell too many': ['a,b\n"x\ny",2\n3,4,5\n', /row 2 \(line 4\) has 3 cells/],
  'a ragged row far down': [`${long}1,2,3\n`, /row 20001 \(line 40002\) has 3 cells/],
  'a quote that is never closed': [
    'a,b\n1,2\n3,"x\n4,5\n',
    /row 2 \(line 3\): a quote is opened and never closed/,
  ],
  'an unclosed quote far down': [`${long}1,"2\n`, /row 20001 \(line 40002\): a quote is opened/],
  'an unclosed quote in the header': [
    'a,"b\n1,2\n',
    /test_set\.csv, header: a quote is opened and never closed/,
  ],
  'a quote inside a bare cell': ['a,b\n1,x"y\n', /row 1 \(line 2\): a quote stands inside a cell/],
  'text behind a closing quote': ['a,b\n1,"x"y\n', /row 1 \(line 2\): a quoted cell goes on/],
  'two columns of one name': ['a,b,a\n1,2,3\n', /two columns named "a"/],
  'a row of more than 16 MB': [
    `a,b\n1,"${'x'.repeat(17 << 20)}`,
    /row 1 \(line 2\): more than 16777216 bytes in one row/,
  ],
  'Latin-1': [Buffer.from('a,b\n1,2\ncaf\u00e9,3\n', 'latin1'), /^test_set\.csv, line 3: not UTF-8$/],
  'UTF-16 with its mark': [Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), /line 1: not UTF-8/],
  'a character cut off at the end': [Buffer.from([0x61, 0x0a, 0xe2, 0x82]), /not UTF-8/],
};

test.each(Object.entries(BAD))('refuses %s', async (_, [content, message]) => {
  const error = await catchError(readText(content));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
});

test.each([
  ['missing.csv', 'it is not there'],
  ['', 'it is a folder'],
])('reports a file that is none: "%s"', async (name, why) => {
  const path = join(makeTempDir(), name);
  const error = await catchError(readCsv(path));
  expect([error.code, error.message]).toEqual(['INPUT_MISSING', `${path} cannot be read: ${why}`]);
});

describe('for any content', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', '\u00e9', '\u{1f600}', '{'),
  });
  const table = fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.nat(6))
    .chain(([width, height]) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: height }),
    );
  const breaks = fc.constantFrom('\n', '\r\n');

  test('what csv-stringify writes is read back, each row at its line', async () => {
    await fc.assert(
      fc.asyncProperty(table, breaks, async (rows, record_delimiter) => {
        const header = rows[0]?.map((_, i) => `column ${i}`) ?? ['a'];
        const text = stringify([header, ...rows], { record_delimiter, quoted_match: /\r|\n/ });
        const lines = rows.map((_, i) => {
          const above = stringify([header, ...rows.slice(0, i)], { record_delimiter, quoted_match: /\r|\n/ });
          return above.split(/\r\n|\n/).length;
        });
        expect(summarize(await readText(text))).toEqual({ cells: rows, lines });
      }),
    );
  });

  test('any bytes give a table or a HubwrightError', async () => {
    const bytes = fc.oneof(fc.uint8Array(), fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') }));
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const outcome = await readText(Buffer.from(content as string)).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(HubwrightError);
      }),
    );
  });
});
