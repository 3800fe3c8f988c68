import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { HubwrightError } from './errors.ts';
import { isInnerPath } from './formats/inner-path.ts';
import { parseJsonObject } from './formats/json.ts';
import { readLimitedText } from './formats/limited-file.ts';
import { findNearest } from './formats/nearest-name.ts';

export const CONFIG_FILE = 'hubwright.json';

/** `owner/name`, each part as the Hub allows it: letters, digits, `-`, `_`, `.`, at most 96 characters in all. */
export const REPO_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/;

const repoId = z
  .string()
  .max(96)
  .regex(REPO_ID, 'must be owner/name')
  .refine(
    (id) => !id.includes('--') && !id.includes('..') && !id.endsWith('.git'),
    'must not hold --, .. or .git',
  );

const innerPath = z
  .string()
  .refine(isInnerPath, 'must be a path inside the run folder, without "..", backslashes or a leading slash');

/** Sections of the card that only the author can write. */
const PROSE_SECTIONS = [
  'summary',
  'score',
  'data',
  'training',
  'intendedUse',
  'limitations',
  'citation',
] as const;

/** A section that is one word ending so names a file. */
const MARKDOWN_FILE = /^\S+\.md$/;

const prose = z.string().min(1).describe('Markdown, or the path of a Markdown file (ending in .md)');

/** Measured on the sample model: fp16 has R² 0.9999998 and moves no row by more than 0.0006, int8 0.99995 and 0.007. */
const variantGate = (r2: number, maxDifference: number) =>
  z
    .strictObject({
      r2: z
        .number()
        .max(1)
        .default(r2)
        .describe("The least R² of its scores against model.onnx's: 1 when all are the same."),
      maxDifference: z
        .number()
        .nonnegative()
        .default(maxDifference)
        .describe(
          "How far one row's score may move: in its own unit with sigmoid, else in standard deviations of the true scores.",
        ),
    })
    .prefault({});

/** What `hubwright.json` may say. The JSON Schema beside the package is generated from this. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  repo: repoId.optional().describe('Where to publish: owner/name. The flag --repo wins.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'may hold letters, digits, ".", "_" and "-"')
    .optional()
    .describe("The model's name, used for file names and titles. Default: the run folder's name."),
  title: z.string().min(1).optional().describe("The card's heading. Default: made from the name."),
  baseModel: repoId.optional().describe('The Hub id of the model that was fine-tuned.'),
  license: z.string().optional().describe("A license id of the Hub's list, such as apache-2.0."),
  language: z.array(z.string()).optional().describe('ISO 639 codes of the languages the model reads.'),
  datasets: z.array(repoId).optional().describe('Hub ids of the training datasets, if they are on the Hub.'),
  tags: z.array(z.string().min(1)).optional(),
  files: z
    .strictObject({
      model: innerPath
        .optional()
        .describe('The folder of the weights, config.json and tokenizer, such as checkpoint-500.'),
      metrics: innerPath.optional().describe('Default: test_metrics.json'),
      predictions: innerPath.optional().describe('Default: test_predictions.csv, or the only CSV named so.'),
      test: innerPath.optional().describe('Default: test_set.csv'),
      train: innerPath.optional().describe('Default: train_set.csv'),
      eval: innerPath.optional().describe('Default: eval_set.csv'),
    })
    .optional()
    .describe('Where the run has something under another name. The bundle names it as always.'),
  input: z.strictObject({
    template: z
      .string()
      .min(1)
      .describe('How one row becomes one text: {{column}} stands for the cell of that column.'),
    label: z.string().min(1).describe('The column that holds the true score.'),
    maxLength: z
      .int()
      .min(2)
      .max(1_000_000)
      .describe('Tokens that training truncated to, special ones included.'),
  }),
  head: z
    .strictObject({
      pooling: z.enum(['mean', 'cls', 'max']).default('mean'),
      activation: z.enum(['sigmoid', 'identity']).default('sigmoid'),
    })
    .prefault({}),
  layouts: z
    .array(z.enum(['sentence-transformers']))
    .default([])
    .describe('Further layouts to lay beside the model, for readers that load no code of a repository.'),
  onnx: z
    .strictObject({
      file: innerPath
        .optional()
        .describe(
          "The author's own ONNX file, for a model that Hubwright cannot export. The flag --onnx wins.",
        ),
      variants: z
        .array(z.enum(['fp32', 'fp16', 'int8']))
        .default([])
        .describe('Standalone ONNX models to write into onnx/, beside the one that shares the weights file.'),
    })
    .prefault({}),
  verify: z
    .strictObject({
      tolerance: z
        .enum(['auto', 'exact', 'fp32', 'tf32', 'bf16', 'fp16', 'int8'])
        .default('auto')
        .describe('The precision in which the metrics were measured; auto takes it from training_args.json.'),
      tolerances: z
        .record(z.string(), z.number().nonnegative())
        .default({})
        .describe('Allowed differences of single metrics, in their own unit, by key of test_metrics.json.'),
      baseline: z
        .strictObject({
          source: z.string().min(1).describe('A report file, or a published model: owner/name@revision.'),
          maxWorse: z
            .record(z.string(), z.number().nonnegative())
            .default({})
            .describe('How much worse a metric may be, in its own unit, such as {"rmse": 0.002}.'),
        })
        .optional()
        .describe('What the model must not be worse than. The flag --baseline names another source.'),
      ignore: z
        .array(z.strictObject({ rule: z.string(), reason: z.string().min(1) }))
        .default([])
        .describe('Rules to leave out, each with the reason that the report shows.'),
      variants: z
        .strictObject({
          fp32: variantGate(0.999999, 1e-4),
          fp16: variantGate(0.9999, 0.01),
          int8: variantGate(0.99, 0.05),
        })
        .prefault({})
        .describe('What a variant may lose against model.onnx on the test split.'),
    })
    .prefault({}),
  publish: z
    .strictObject({
      private: z
        .boolean()
        .optional()
        .describe('true makes the repository private, a new one or one that is there.'),
      gated: z
        .enum(['auto', 'manual'])
        .optional()
        .describe('Who downloads has to ask: auto lets everybody in who does, manual whom you approve.'),
      branch: z.string().min(1).optional().describe('The branch to commit to. Default: main.'),
      pullRequest: z.boolean().default(false).describe('Propose the commit in a pull request.'),
      tag: z.string().min(1).optional().describe('A tag to set once everything has been read back.'),
    })
    .prefault({}),
  card: z
    .strictObject({
      summary: prose.optional(),
      score: prose.optional(),
      data: prose.optional(),
      training: prose.optional(),
      intendedUse: prose.optional(),
      limitations: prose.optional(),
      citation: prose.optional(),
      omit: z
        .array(z.string())
        .optional()
        .describe('Sections that the card goes without, by the name in their markers.'),
      templates: z
        .string()
        .min(1)
        .optional()
        .describe('A folder of .hbs files, each of which takes the place of the section of that name.'),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;

/** The JSON Schema of `hubwright.json`, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}

/** Checks a config given in code, and fills its defaults. @throws HubwrightError CONFIG */
export function defineConfig(input: ConfigInput): Config {
  return checkConfig(input, 'config');
}

/**
 * Reads and checks `hubwright.json`. Sections of the card that are paths of Markdown files are read in, and the path of
 * its templates is made absolute.
 *
 * @param path the file itself
 * @param options.inside for a bundle that others may have made: no file is read but those beside it
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID or CONFIG
 */
export async function loadConfig(
  path: string,
  { inside = false }: { inside?: boolean } = {},
): Promise<Config> {
  const text = await readLimitedText(path).catch((cause: unknown) => {
    if (cause instanceof HubwrightError && cause.code !== 'INPUT_MISSING') throw cause;
    throw new HubwrightError('INPUT_MISSING', `${path} is not there`, {
      hint: `write one: ${EXAMPLE}`,
      cause,
    });
  });
  const config = checkConfig(parseJsonObject(text, basename(path)), basename(path));
  if (inside) checkInside(config.card);
  return { ...config, card: await readProse(config.card, dirname(resolve(path))) };
}

const EXAMPLE =
  '{"input": {"template": "SQL: {{sql}}\\nNL: {{nl}}", "label": "score", "maxLength": 2048}, "license": "apache-2.0"}';

function checkConfig(value: unknown, name: string): Config {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => describeIssue(issue));
  throw new HubwrightError('CONFIG', `${name}: ${lines.join('; ')}`, {
    hint: 'the keys and their meaning: docs/config.md',
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.');
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return `${at} is missing`;
  if (issue.code !== 'unrecognized_keys') return `${at === '' ? 'the file' : at}: ${issue.message}`;
  const known = knownKeys(issue.path);
  return issue.keys
    .map((key) => {
      const near = findNearest(key, known);
      return `unknown key ${[...issue.path, key].join('.')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
    })
    .join('; ');
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configJsonSchema();
  for (const part of path) {
    const at = schema as { properties?: Record<string, unknown>; items?: unknown };
    schema = typeof part === 'number' ? at.items : at.properties?.[String(part)];
  }
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {});
}

function checkInside(card: Config['card']): void {
  for (const section of [...PROSE_SECTIONS, 'templates'] as const) {
    const text = card[section];
    const isPath = text !== undefined && (section === 'templates' || MARKDOWN_FILE.test(text));
    if (!isPath || isInnerPath(text)) continue;
    throw new HubwrightError(
      'CONFIG',
      `card.${section} in ${CONFIG_FILE} names ${text}, outside of the bundle`,
      {
        hint: 'assemble the bundle again: its hubwright.json then holds the text itself',
      },
    );
  }
}

async function readProse(card: Config['card'], folder: string): Promise<Config['card']> {
  const entries = await Promise.all(
    PROSE_SECTIONS.map(async (section) => {
      const text = card[section];
      if (text === undefined || !MARKDOWN_FILE.test(text)) return [section, text] as const;
      const path = join(folder, text);
      const read = await readLimitedText(path).catch((cause: unknown) => {
        throw new HubwrightError('CONFIG', `card.${section} names ${text}, which is not in ${folder}`, {
          cause,
        });
      });
      return [section, read.trim()] as const;
    }),
  );
  const templates = card.templates === undefined ? {} : { templates: resolve(folder, card.templates) };
  return { ...card, ...Object.fromEntries(entries.filter(([, text]) => text !== undefined)), ...templates };
}
