import type { Dtype, TensorEntry } from './safetensors.ts';
import { DTYPE_BYTES } from './safetensors.ts';

/** What the values of a tensor are like. */
export interface TensorFacts {
  readonly name: string;
  /** Values that are NaN or infinite. */
  readonly nonFinite: number;
  /** Index of the first of them, row-major; -1 for none. */
  readonly firstNonFinite: number;
  /** Whether all values are the same, bit for bit. True for one value, and for none. */
  readonly constant: boolean;
}

/** Bits of the exponent: all set, the value is NaN or infinite. E4M3 has no infinity and one NaN. */
const EXPONENTS: Partial<Record<Dtype, number>> = {
  F32: 0x7f80_0000,
  F16: 0x7c00,
  BF16: 0x7f80,
  F8_E5M2: 0x7c,
  F8_E4M3: 0x7f,
};

interface Progress {
  readonly entry: TensorEntry;
  seen: number;
  nonFinite: number;
  firstNonFinite: number;
  constant: boolean;
  /** The bytes of its first value. */
  first: Buffer | undefined;
  /** Bytes of a value that the last chunk cut in two. */
  rest: Buffer;
}

/**
 * Looks at the values of a safetensors file while somebody else reads it: give `watch` the file's chunks in order.
 *
 * @param entries the file's tensors in the order of their data
 */
export function watchTensors(entries: readonly TensorEntry[]) {
  const all = entries.map(startTensor);
  let offset = 0;
  let current = 0;
  return {
    watch(chunk: Buffer): void {
      const end = offset + chunk.length;
      for (let i = current; i < all.length; i += 1) {
        const progress = all[i] as Progress;
        const { entry } = progress;
        const stop = entry.offset + entry.byteLength;
        if (entry.offset >= end) break;
        if (stop > offset)
          look(
            progress,
            chunk.subarray(Math.max(entry.offset, offset) - offset, Math.min(stop, end) - offset),
          );
        if (stop <= end) current = i + 1;
      }
      offset = end;
    },
    facts: (): TensorFacts[] =>
      all.map(({ entry: { name }, nonFinite, firstNonFinite, constant }) => ({
        name,
        nonFinite,
        firstNonFinite,
        constant,
      })),
  };
}

function startTensor(entry: TensorEntry): Progress {
  return {
    entry,
    seen: 0,
    nonFinite: 0,
    firstNonFinite: -1,
    constant: true,
    first: undefined,
    rest: Buffer.alloc(0),
  };
}

function look(progress: Progress, bytes: Buffer): void {
  const joined = progress.rest.length > 0 ? Buffer.concat([progress.rest, bytes]) : bytes;
  const { dtype } = progress.entry;
  const step = DTYPE_BYTES[dtype];
  const whole = joined.subarray(0, joined.length - (joined.length % step));
  progress.rest = Buffer.from(joined.subarray(whole.length));
  if (whole.length === 0) return;
  progress.first ??= Buffer.from(whole.subarray(0, step));
  progress.constant &&= isConstant(whole, progress.first);
  if (dtype === 'F64') countWide(progress, whole);
  else if (EXPONENTS[dtype] !== undefined) countNarrow(progress, viewWords(whole, step), EXPONENTS[dtype]);
  progress.seen += whole.length / step;
}

/** Each value equals the one before it, and the first of them all. */
function isConstant(bytes: Buffer, first: Buffer): boolean {
  const step = first.length;
  return (
    first.equals(bytes.subarray(0, step)) &&
    bytes.subarray(step).equals(bytes.subarray(0, bytes.length - step))
  );
}

/** Little-endian, as the format says and every machine that runs Node is. */
function viewWords(bytes: Buffer, width: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return bytes;
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return width === 2
    ? new Uint16Array(buffer, byteOffset, bytes.length / 2)
    : new Uint32Array(buffer, byteOffset, bytes.length / 4);
}

function countNarrow(
  progress: Progress,
  words: Uint8Array | Uint16Array | Uint32Array,
  exponent: number,
): void {
  for (let i = 0; i < words.length; i += 1) {
    if (((words[i] as number) & exponent) === exponent) note(progress, i);
  }
}

/** Of a float64, the upper half has the exponent. */
function countWide(progress: Progress, bytes: Buffer): void {
  for (let at = 4; at < bytes.length; at += 8) {
    if ((bytes.readUInt32LE(at) & 0x7ff0_0000) === 0x7ff0_0000) note(progress, (at - 4) / 8);
  }
}

function note(progress: Progress, index: number): void {
  if (progress.firstNonFinite < 0) progress.firstNonFinite = progress.seen + index;
  progress.nonFinite += 1;
}
