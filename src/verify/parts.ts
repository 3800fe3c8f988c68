import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { lockSchema } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import { environmentSchema } from '../verification.ts';

const count = z.int().nonnegative();

/** What one shard of a verification found: enough to be joined with the others to the scores of a single run. */
const partSchema = z
  .strictObject({
    version: z.literal(1),
    tool: z.strictObject({ name: z.literal('hubwright'), version: z.string() }),
    partial: z.literal(true),
    rootDigest: lockSchema.shape.rootDigest,
    shard: z.strictObject({ index: z.int().positive(), count: z.int().positive() }),
    environment: environmentSchema,
    /** Of all rows, as every shard finds it. */
    inference: z.strictObject({ rows: count, distinctTexts: count, tokens: count, truncatedRows: count }),
    /** Rows of this part, ascending, counted from 0. */
    rows: z.array(count),
    /** Their logits, little-endian float32 in base64: every bit, NaN included. */
    logits: z.base64(),
  })
  .refine(({ shard }) => shard.index <= shard.count, 'its shard number is larger than the number of shards')
  .refine(
    ({ rows, logits }) => Buffer.byteLength(logits, 'base64') === 4 * rows.length,
    'it has not one logit a row',
  );

export type Part = z.output<typeof partSchema>;

/** A part lists some eight bytes a row; one of this size would be of a hundred million rows. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The file name of a part. */
export function namePart({ index, count }: Part['shard']): string {
  return `verification.part-${index}-of-${count}.json`;
}

export function encodeLogits(logits: Float32Array): string {
  const bytes = Buffer.alloc(logits.length * 4);
  for (const [i, logit] of logits.entries()) bytes.writeFloatLE(logit, i * 4);
  return bytes.toString('base64');
}

export function decodeLogits({ rows, logits }: Part): Float32Array {
  const bytes = Buffer.from(logits, 'base64');
  return Float32Array.from(rows, (_, i) => bytes.readFloatLE(i * 4));
}

/** Reads a part. @throws HubwrightError INPUT_MISSING or INPUT_INVALID, naming the file. */
export async function readPart(path: string): Promise<Part> {
  const missing = (cause: unknown) =>
    new HubwrightError('INPUT_MISSING', `${path} cannot be read`, {
      hint: 'name the parts that hubwright verify --shard i/n wrote',
      cause,
    });
  const { size } = await stat(path).catch((cause: unknown) => {
    throw missing(cause);
  });
  if (size > MAX_BYTES) {
    throw new HubwrightError('INPUT_INVALID', `${path} has ${size} bytes; at most ${MAX_BYTES} are read`);
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw missing(cause);
  });
  const parsed = partSchema.safeParse(parseJson(text, basename(path)));
  if (parsed.success) return parsed.data;
  throw new HubwrightError('INPUT_INVALID', `${path} is no part: ${z.prettifyError(parsed.error)}`, {
    hint: 'make it again: hubwright verify <bundle> --shard i/n',
  });
}
