import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hashFile } from '../bundle.ts';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import { describeFault } from '../formats/schema-fault.ts';
import { SPLIT_FILES } from '../splits.ts';

/** What the card says and only the model, the tokenizer or a whole split can tell: measured once, read each time. */
export const CARD_FACTS_FILE = 'card_facts.json';

const count = z.int().nonnegative();

const splitSchema = z.strictObject({
  rows: count,
  labelMean: z.number(),
  /** Population standard deviation (ddof 0). */
  labelStd: z.number(),
  /** Rows whose text stands in an earlier row of the same split. */
  duplicates: count,
  /** Lengths before truncation, special tokens included, of `counted` rows spread evenly over the split. */
  tokens: z.strictObject({
    counted: count,
    mean: z.number(),
    median: z.number(),
    p95: z.number(),
    max: count,
  }),
  /** Of the counted rows, those longer than `input.maxLength`. */
  truncated: count,
});

const modelSchema = z.strictObject({
  parameters: count,
  /** The types in which the weights are stored, such as F32. */
  dtypes: z.array(z.string()),
  /** The weight of the last linear layer. */
  head: z.string().optional(),
});

const cardFactsSchema = z.strictObject({
  version: z.literal(1),
  /** sha256 of every file that was looked at, and of the input settings: when one changed, all is measured again. */
  madeFrom: z.record(z.string(), z.string()),
  model: modelSchema,
  /** By file name. */
  splits: z.record(z.string(), splitSchema),
  /** Rows of `of` whose text also stands in `in`. */
  shared: z.array(z.strictObject({ of: z.string(), in: z.string(), rows: count })),
  /** Tokens of each test row, as in `splits`. */
  testTokens: z.array(count),
  /** Rows of the test split, counted from 0, that the card shows, and what `model.onnx` gives for them. */
  examples: z.array(z.strictObject({ row: count, score: z.number() })),
  /** About `training_args.bin`, where the run had one. */
  trainingArgs: z
    .strictObject({
      /** Arguments whose value is not plain data, and so not in `training_args.json`. */
      notRead: z.array(z.string()),
      /** Why the file itself is not in the repository; empty when it is. */
      withheld: z.array(z.string()),
    })
    .optional(),
});

export type CardFactsFile = z.output<typeof cardFactsSchema>;
export type MeasuredSplit = z.output<typeof splitSchema>;
export type MeasuredModel = z.output<typeof modelSchema>;
export type TrainingArgsNotes = NonNullable<CardFactsFile['trainingArgs']>;

/** Files that decide what is measured; those that a bundle lacks are left out. */
const SOURCES = [...Object.values(SPLIT_FILES), 'tokenizer.json', 'tokenizer_config.json', 'model.onnx'];

/** What the facts of a bundle are made from, as it is now. */
export async function digestSources(
  dir: string,
  files: readonly { readonly path: string }[],
  config: Pick<Config, 'input' | 'head'>,
): Promise<Record<string, string>> {
  const settings = JSON.stringify([config.input, config.head]);
  const digests: Record<string, string> = { settings: createHash('sha256').update(settings).digest('hex') };
  for (const name of SOURCES) {
    if (files.some(({ path }) => path === name)) digests[name] = (await hashFile(dir, name)).sha256;
  }
  return digests;
}

/** The facts of a bundle; undefined when there are none, or they were made from other files. */
export async function readCardFactsFile(
  dir: string,
  sources: Readonly<Record<string, string>>,
): Promise<CardFactsFile | undefined> {
  const parsed = await parseFile(dir);
  if (parsed === undefined || !parsed.success) return undefined;
  const { madeFrom } = parsed.data;
  const names = new Set([...Object.keys(sources), ...Object.keys(madeFrom)]);
  return [...names].every((name) => madeFrom[name] === sources[name]) ? parsed.data : undefined;
}

/**
 * The facts as they were written, whatever has changed since; undefined when there are none.
 *
 * @throws HubwrightError INPUT_INVALID
 */
export async function readWrittenFacts(dir: string): Promise<CardFactsFile | undefined> {
  const parsed = await parseFile(dir);
  if (parsed === undefined || parsed.success) return parsed?.data;
  throw new HubwrightError('INPUT_INVALID', `${CARD_FACTS_FILE}: ${describeFault(parsed.error)}`, {
    hint: 'measure it again: hubwright assemble <run-dir>',
  });
}

async function parseFile(dir: string) {
  const text = await readFile(join(dir, CARD_FACTS_FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : cardFactsSchema.safeParse(parseJson(text, CARD_FACTS_FILE));
}
