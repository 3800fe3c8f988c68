import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { isLfsPointer } from './lfs-pointer.ts';
import { describeFault } from './schema-fault.ts';
import { unreadableFile } from './unreadable-file.ts';

/** Bytes of one element, by the dtype names of the safetensors format. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

/** Where one tensor lies. `offset` counts from the start of the *file*, in bytes; the data is row-major, little-endian. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
  /** The shard that holds it, a name beside the index; absent where one file holds all. */
  readonly file?: string;
}

export interface SafetensorsHeader {
  /** Tensors in the order of their data. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Bytes before the first tensor: the length field and the JSON. */
  readonly dataStart: number;
}

/** The reference implementation's own limit; no real header comes near it. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_FIELD_BYTES = 8;

const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(DTYPE_BYTES) as [Dtype, ...Dtype[]], {
    error: ({ input }) =>
      `${typeof input === 'string' ? `"${input}"` : 'it'} is none of ${Object.keys(DTYPE_BYTES).join(', ')}`,
  }),
  shape: z.array(z.int().nonnegative()).max(16),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/**
 * Reads the header of a safetensors file: names, shapes and places of its tensors, not their data.
 * As strict as the reference implementation: every byte of the data belongs to exactly one tensor.
 *
 * @see https://github.com/huggingface/safetensors#format
 * @throws HubwrightError INPUT_MISSING, or INPUT_INVALID naming the tensor and the bytes.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const name = basename(path);
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadableFile(path, cause);
  });
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw unreadableFile(path, { code: 'EISDIR' });
    const { size } = stats;
    const first = Buffer.alloc(Math.min(size, 64));
    await file.read(first, 0, first.length, 0);
    const length = readHeaderLength(first, size, name);
    const header = Buffer.alloc(length);
    await file.read(header, 0, length, LENGTH_FIELD_BYTES);
    return parseSafetensorsHeader(header, size, name);
  } finally {
    await file.close();
  }
}

function readHeaderLength(first: Buffer, fileSize: number, name: string): number {
  if (isLfsPointer(first)) {
    throw new HubwrightError('INPUT_INVALID', `${name} is a git-LFS pointer, not the weights`, {
      hint: 'run git lfs pull in the folder it came from',
    });
  }
  if (fileSize < LENGTH_FIELD_BYTES + 2) {
    throw invalid(name, `has ${fileSize} bytes, fewer than the smallest safetensors file`);
  }
  const length = first.readBigUInt64LE(0);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw invalid(name, `announces a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are allowed`);
  }
  if (length > BigInt(fileSize - LENGTH_FIELD_BYTES)) {
    throw invalid(name, `announces a header of ${length} bytes and has only ${fileSize} bytes in all`);
  }
  return Number(length);
}

/**
 * Parses the JSON of a safetensors header (the bytes after the length field), for a file of `fileSize` bytes.
 *
 * @throws HubwrightError INPUT_INVALID
 */
export function parseSafetensorsHeader(header: Buffer, fileSize: number, name: string): SafetensorsHeader {
  const dataStart = LENGTH_FIELD_BYTES + header.length;
  const raw = parseHeaderJson(header, name);
  const metadata = raw.__metadata__ ?? {};
  if (!isStringMap(metadata)) throw invalid(name, '__metadata__ must map strings to strings');
  const entries: TensorEntry[] = [];
  for (const [tensor, value] of Object.entries(raw)) {
    if (tensor === '__metadata__') continue;
    entries.push(parseEntry(tensor, value, dataStart, name));
  }
  entries.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  checkCoverage(entries, dataStart, fileSize, name);
  return {
    tensors: new Map(entries.map((entry) => [entry.name, entry])),
    metadata,
    dataStart,
  };
}

function isStringMap(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function parseHeaderJson(header: Buffer, name: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    if (!text.startsWith('{')) throw new SyntaxError('no opening brace');
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw invalid(name, 'has a header that is not JSON', cause);
  }
}

function parseEntry(tensor: string, value: unknown, dataStart: number, file: string): TensorEntry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    throw invalidTensor(file, tensor, describeFault(parsed.error));
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  const expected = [...shape, DTYPE_BYTES[dtype]].reduce(multiplyExactly, 1);
  if (Number.isNaN(expected)) {
    throw invalidTensor(file, tensor, `${dtype} [${shape.join(', ')}] takes more bytes than any file has`);
  }
  if (end - begin !== expected) {
    throw invalidTensor(
      file,
      tensor,
      `${dtype} [${shape.join(', ')}] takes ${expected} bytes, its offsets ${begin} to ${end} hold ${end - begin}`,
    );
  }
  return { name: tensor, dtype, shape, offset: dataStart + begin, byteLength: expected };
}

/** NaN once a product is no longer exact, and from then on: a zero behind it must not make it small again. */
function multiplyExactly(product: number, size: number): number {
  return Number.isSafeInteger(product * size) ? product * size : Number.NaN;
}

/** No gap, no overlap, nothing before or behind: otherwise bytes could hide in the file, or tensors alias each other. */
function checkCoverage(
  entries: readonly TensorEntry[],
  dataStart: number,
  fileSize: number,
  file: string,
): void {
  let end = dataStart;
  for (const entry of entries) {
    if (entry.offset !== end) {
      const before = end === dataStart ? 'the header' : 'the tensor before it';
      const fault = entry.offset < end ? 'they overlap' : 'the bytes between belong to no tensor';
      throw invalidTensor(
        file,
        entry.name,
        `begins at byte ${entry.offset} of the file, ${before} ends at byte ${end}: ${fault}`,
      );
    }
    end += entry.byteLength;
    if (end > fileSize) {
      throw invalid(file, `is truncated: tensor ${entry.name} ends at byte ${end}, the file has ${fileSize}`);
    }
  }
  if (end !== fileSize) {
    throw invalid(file, `has ${fileSize - end} bytes behind its last tensor`);
  }
}

function invalidTensor(file: string, tensor: string, what: string): HubwrightError {
  return invalid(`${file}: tensor ${tensor}:`, what);
}

function invalid(file: string, what: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${file} ${what}`, {
    hint: 'save the weights again (trainer.save_model), or copy the file again from where it was made',
    cause,
  });
}
