import {
  decodeNativeText,
  decodeText,
  failAt,
  narrowInteger,
  type PickleCursor,
  takeBytes,
} from './pickle-arguments.ts';
import type { PickleScalar } from './pickle-value.ts';

const NEWLINE = 0x0a;

/** An argument of the text protocols: everything up to the next newline. */
export function readLineBytes(cursor: PickleCursor): Uint8Array {
  const end = cursor.bytes.indexOf(NEWLINE, cursor.offset);
  if (end === -1) throw failAt(cursor, 'the line has no end');
  const length = end - cursor.offset;
  const { textBytes } = cursor.limits;
  if (length > textBytes) throw failAt(cursor, `a line of ${length} bytes; at most ${textBytes} are read`);
  return takeBytes(cursor, length + 1).slice(0, length);
}

export function readLine(cursor: PickleCursor): string {
  return decodeText(cursor, readLineBytes(cursor));
}

/** GLOBAL and INST: the module's line, then the name's. */
export function readImport(cursor: PickleCursor): readonly [module: string, name: string] {
  return [readLine(cursor), readLine(cursor)];
}

/** PUT and GET. */
export function readIndexLine(cursor: PickleCursor): number {
  const line = readLine(cursor);
  if (!/^\d{1,15}$/.test(line)) throw failAt(cursor, 'a memo index that is not a number');
  return Number(line);
}

/** INT, where protocol 0 hides booleans as `00` and `01`. */
export function readIntegerLine(cursor: PickleCursor): PickleScalar {
  const line = readLine(cursor);
  if (line === '00') return false;
  if (line === '01') return true;
  return parseInteger(cursor, line);
}

/** LONG, with the `L` that Python 2 wrote. */
export function readLongLine(cursor: PickleCursor): PickleScalar {
  return parseInteger(cursor, readLine(cursor).replace(/L$/, ''));
}

/** CPython's two unpicklers disagree about `010` and `0x10`, and no pickler writes them: refused. */
function parseInteger(cursor: PickleCursor, digits: string): PickleScalar {
  const { integerDigits } = cursor.limits;
  if (digits.length > integerDigits) {
    throw failAt(cursor, `an integer of ${digits.length} digits; at most ${integerDigits} are read`);
  }
  if (!/^-?(0|[1-9]\d*)$/.test(digits)) throw failAt(cursor, 'a decimal integer was expected');
  return narrowInteger(BigInt(digits));
}

export function readFloatLine(cursor: PickleCursor): number {
  const line = readLine(cursor);
  if (line === 'inf') return Number.POSITIVE_INFINITY;
  if (line === '-inf') return Number.NEGATIVE_INFINITY;
  if (line === 'nan') return Number.NaN;
  if (!/^-?\d{1,400}(\.\d{0,400})?(e[+-]?\d{1,4})?$/i.test(line)) {
    throw failAt(cursor, 'a decimal number was expected');
  }
  return Number(line);
}

/** UNICODE: each byte is a character, save for `\uXXXX` and `\UXXXXXXXX` (Python's raw-unicode-escape). */
export function readUnicodeLine(cursor: PickleCursor): string {
  const line = Buffer.from(readLineBytes(cursor)).toString('latin1');
  // An escape counts only after an even number of backslashes, so pairs of them are matched and kept.
  return line.replace(/\\\\|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\[uU]/g, (match, short, long) => {
    if (match === '\\\\') return match;
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (!(code <= 0x10ffff)) throw failAt(cursor, 'a broken \\u escape');
    return String.fromCodePoint(code);
  });
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** STRING: the `repr` of a Python 2 `str`. */
export function readQuotedLine(cursor: PickleCursor): string | Uint8Array {
  const line = Buffer.from(readLineBytes(cursor)).toString('latin1');
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote) {
    throw failAt(cursor, 'a quoted string was expected');
  }
  const text = line.slice(1, -1).replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.|$)/gis, (_match, code: string) => {
    const simple = SIMPLE_ESCAPES[code];
    if (simple !== undefined) return simple;
    if (/^x.{2}$/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    throw failAt(cursor, 'an escape that Python does not write');
  });
  return decodeNativeText(Buffer.from(text, 'latin1'));
}
