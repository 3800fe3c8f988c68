import { HubwrightError } from '../errors.ts';
import type { PickleLimits } from './pickle-limits.ts';
import type { PickleScalar } from './pickle-value.ts';

/** Where in the pickle we are. `opcode` and `opcodeName` say which instruction an error belongs to. */
export interface PickleCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly limits: PickleLimits;
  offset: number;
  /** Where the current frame ends; 0 before the first one. */
  frameEnd: number;
  opcode: number;
  opcodeName: string;
}

/** The one error of this reader; the offset is that of the opcode at fault. */
export function failAt(cursor: PickleCursor, message: string): HubwrightError {
  const where = cursor.opcodeName === '' ? '' : ` (${cursor.opcodeName})`;
  return new HubwrightError('INPUT_INVALID', `pickle, byte ${cursor.opcode}${where}: ${message}`, {
    hint: 'the file is damaged, or made to harm whoever loads it: save it again from the training run',
  });
}

export function takeBytes(cursor: PickleCursor, length: number): Uint8Array {
  const left = cursor.bytes.length - cursor.offset;
  if (length > left) throw failAt(cursor, `${length} bytes were expected and ${left} are left`);
  const start = cursor.offset;
  // CPython's C unpickler loses the part of a line before the frame's end, and so would read another name.
  if (start < cursor.frameEnd && start + length > cursor.frameEnd) {
    throw failAt(cursor, `the frame ends ${cursor.frameEnd - start} bytes into this value of ${length}`);
  }
  cursor.offset += length;
  return cursor.bytes.subarray(start, cursor.offset);
}

export function readUint8(cursor: PickleCursor): number {
  const [byte] = takeBytes(cursor, 1);
  return byte ?? 0;
}

export function readUint16(cursor: PickleCursor): number {
  takeBytes(cursor, 2);
  return cursor.view.getUint16(cursor.offset - 2, true);
}

export function readInt32(cursor: PickleCursor): number {
  takeBytes(cursor, 4);
  return cursor.view.getInt32(cursor.offset - 4, true);
}

export function readUint32(cursor: PickleCursor): number {
  takeBytes(cursor, 4);
  return cursor.view.getUint32(cursor.offset - 4, true);
}

export function readUint64(cursor: PickleCursor): number {
  takeBytes(cursor, 8);
  const value = cursor.view.getBigUint64(cursor.offset - 8, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw failAt(cursor, `a length of ${value} bytes`);
  return Number(value);
}

/** BINFLOAT is the one big-endian number of the format. */
export function readFloat64(cursor: PickleCursor): number {
  takeBytes(cursor, 8);
  return cursor.view.getFloat64(cursor.offset - 8, false);
}

type LengthReader = (cursor: PickleCursor) => number;

export function sized(readLength: LengthReader): (cursor: PickleCursor) => Uint8Array {
  return (cursor) => {
    const length = readLength(cursor);
    const { textBytes } = cursor.limits;
    if (length < 0) throw failAt(cursor, `a negative length, ${length}`);
    if (length > textBytes) throw failAt(cursor, `a value of ${length} bytes; at most ${textBytes} are read`);
    // A copy: a view would keep the whole file alive for one small value.
    return takeBytes(cursor, length).slice();
  };
}

export function sizedText(readLength: LengthReader): (cursor: PickleCursor) => string {
  const readBytes = sized(readLength);
  return (cursor) => decodeText(cursor, readBytes(cursor));
}

/** A `str` of Python 2: text where it is UTF-8, else bytes. */
export function sizedNativeText(readLength: LengthReader): (cursor: PickleCursor) => string | Uint8Array {
  const readBytes = sized(readLength);
  return (cursor) => decodeNativeText(readBytes(cursor));
}

/** LONG1 and LONG4: little-endian two's complement. */
export function sizedInteger(readLength: LengthReader): (cursor: PickleCursor) => PickleScalar {
  const readBytes = sized(readLength);
  return (cursor) => {
    const bytes = readBytes(cursor);
    const { integerDigits } = cursor.limits;
    if (bytes.length > integerDigits) {
      throw failAt(cursor, `an integer of ${bytes.length} bytes; at most ${integerDigits} are read`);
    }
    if (bytes.length === 0) return 0;
    const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
    return narrowInteger(BigInt.asIntN(bytes.length * 8, magnitude));
  };
}

export function narrowInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A BOM is a character of the text to Python, so it is one here. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeText(cursor: PickleCursor, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw failAt(cursor, 'text that is not UTF-8');
  }
}

export function decodeNativeText(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}
