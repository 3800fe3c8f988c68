import { join } from 'node:path';
import { findPredictionColumn } from '../assemble/predictions.ts';
import { type Config, type ConfigInput, defineConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { type CsvTable, readCsv } from '../formats/csv.ts';
import { readJsonObject } from '../formats/json.ts';
import { listMetricEntries } from '../metrics/entries.ts';
import type { StageOptions } from '../progress.ts';
import { type Fact, fact } from './fact.ts';
import { inferLabel, listNumericColumns } from './label.ts';
import { readModelFacts } from './model-facts.ts';
import { type Proof, proveRecipe, SAME } from './proof.ts';
import { type Survey, surveyRun } from './survey.ts';
import { listTemplates } from './templates.ts';

export type { Fact } from './fact.ts';

/** What only the author knows, or knows better than the files. */
export interface InitAnswers {
  readonly template?: string | undefined;
  readonly label?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly baseModel?: string | undefined;
  readonly license?: string | undefined;
  readonly repo?: string | undefined;
}

export interface Proposal {
  /** In words: what was trained. */
  readonly kind: string;
  /** What `hubwright.json` would say, and from what. */
  readonly facts: readonly Fact[];
  /** Keys that are needed and that no file tells. */
  readonly missing: readonly { readonly key: string; readonly flag: string; readonly what: string }[];
  /** What verify will most likely find wrong. */
  readonly doubts: readonly string[];
  /** Keys that would make a better card. */
  readonly optional: readonly { readonly key: string; readonly what: string }[];
}

const NEEDED = [
  {
    key: 'input.template',
    flag: '--template',
    what: 'how a row becomes one text, such as "SQL: {{sql}}\\nNL: {{nl}}"',
  },
  { key: 'input.label', flag: '--label', what: 'the column of true scores' },
  {
    key: 'input.maxLength',
    flag: '--max-length',
    what: 'tokens that training truncated to, special ones included',
  },
] as const;

const OPTIONAL = [
  { key: 'repo', what: 'where to publish, owner/name' },
  { key: 'baseModel', what: 'the Hub id of the model that was fine-tuned' },
  { key: 'license', what: "a license id of the Hub's list" },
  { key: 'language', what: 'ISO 639 codes, such as ["en"]' },
] as const;

/** The rows that are tried are short: where training truncated matters little to them. */
const TRIED_LENGTH = 256;

/**
 * Looks at a run folder and says what `hubwright.json` could hold, and how each part of it is known. Where the run
 * recorded predictions, the input template, pooling and activation are proven: the model is run, and only a recipe that
 * gives those predictions counts.
 *
 * @throws HubwrightError INPUT_MISSING when there is no such folder or it has no test split
 */
export async function proposeConfig(
  dir: string,
  answers: InitAnswers,
  { onProgress, signal }: StageOptions = {},
): Promise<Proposal> {
  const survey = await surveyRun(dir);
  const model = await readModelFacts(survey);
  const facts: Fact[] = [...survey.files, ...answersAsFacts(answers)];
  const knows = (key: string) => facts.some((known) => known.key === key);
  facts.push(...model.facts.filter(({ key }) => !knows(key)));
  const table = await readTestSplit(survey);
  const metrics = await readMetrics(survey);
  const label = knows('input.label') ? undefined : inferLabel(table, metrics, survey.test ?? '');
  if (label !== undefined) facts.push(label);
  const proof = await prove(survey, table, facts, model.separators, { onProgress, signal });
  const isProven = proof !== undefined && proof.difference <= SAME;
  if (isProven) facts.push(...describeProof(proof, answers));
  else if (!knows('input.template')) facts.push(...guessTemplate(table));
  return {
    kind: model.kind,
    facts,
    missing: NEEDED.filter(({ key }) => !knows(key)),
    optional: OPTIONAL.filter(({ key }) => !knows(key)),
    doubts: proof === undefined || isProven ? [] : [describeDoubt(proof, survey)],
  };
}

/** The config that a proposal's facts make. @throws HubwrightError CONFIG */
export function composeConfig(facts: readonly Fact[]): ConfigInput {
  const config: Record<string, unknown> = {};
  for (const { key, value } of facts) {
    const parts = key.split('.');
    const last = parts.pop() ?? key;
    let owner = config;
    for (const part of parts) {
      owner[part] ??= {};
      owner = owner[part] as Record<string, unknown>;
    }
    owner[last] = value;
  }
  defineConfig(config as ConfigInput);
  return config as ConfigInput;
}

function answersAsFacts({ template, label, maxLength, ...top }: InitAnswers): Fact[] {
  const input = { template, label, maxLength };
  const all = [
    ...Object.entries(top),
    ...Object.entries(input).map(([key, value]) => [`input.${key}`, value] as const),
  ];
  return all.flatMap(([key, value]) => (value === undefined ? [] : [fact(key, value, 'you said so')]));
}

async function readTestSplit({ dir, test }: Survey): Promise<CsvTable> {
  if (test !== undefined) return readCsv(join(dir, test));
  throw new HubwrightError('INPUT_MISSING', `${dir} has no test split: no CSV there is clearly it`, {
    hint: 'write it there as test_set.csv: df.to_csv("test_set.csv", index=False)',
  });
}

async function readMetrics({ dir, metrics }: Survey) {
  return metrics === undefined ? [] : listMetricEntries(await readJsonObject(join(dir, metrics)));
}

/** Runs the model when there is something to compare with. */
async function prove(
  survey: Survey,
  table: CsvTable,
  facts: readonly Fact[],
  separators: readonly string[],
  { onProgress, signal }: StageOptions,
): Promise<Proof | undefined> {
  const told = (key: string) => facts.find((known) => known.key === key)?.value;
  const label = told('input.label');
  if (survey.predictions === undefined || typeof label !== 'string') return undefined;
  const predictions = await readPredictionColumn(survey, label);
  if (predictions?.length !== table.rows.length) return undefined;
  const given = told('input.template');
  const templates = typeof given === 'string' ? [given] : listTemplates(listTextColumns(table), separators);
  const [template] = templates;
  if (template === undefined) return undefined;
  const maxLength = told('input.maxLength') ?? TRIED_LENGTH;
  const files = facts.filter(({ key }) => key.startsWith('files.') || key === 'baseModel');
  const known = [
    ...files,
    fact('input.label', label, ''),
    fact('input.template', template, ''),
    fact('input.maxLength', maxLength, ''),
  ];
  const config: Config = defineConfig(composeConfig(known));
  onProgress?.({ kind: 'start', stage: 'score', message: 'trying templates on the recorded predictions' });
  const source = { runDir: survey.dir, config, rows: table.rows, predictions, templates, signal };
  const proof = await proveRecipe(source);
  const isSame = proof !== undefined && proof.difference <= SAME;
  onProgress?.({ kind: 'done', stage: 'score', message: isSame ? 'one gives them' : 'none gives them' });
  return proof;
}

/** Undefined where the file does not say clearly which column it is: assemble will say so. */
async function readPredictionColumn(
  { dir, predictions = '' }: Survey,
  label: string,
): Promise<number[] | undefined> {
  const table = await readCsv(join(dir, predictions));
  try {
    const column = findPredictionColumn(table, predictions, label);
    return table.rows.map(({ cells }) => Number(cells[column]));
  } catch (error) {
    if (error instanceof HubwrightError) return undefined;
    throw error;
  }
}

/** Columns of text; only if none holds sentences, those of single words, which are mostly names and categories. */
function listTextColumns(table: CsvTable): string[] {
  const numeric = new Set(listNumericColumns(table));
  const text = table.columns.filter((column) => !numeric.has(column));
  const ofSentences = text.filter((column) => {
    const spaced = table.rows.filter(({ cells }) => /\S\s+\S/.test(cells[column] ?? ''));
    return spaced.length > table.rows.length / 2;
  });
  return ofSentences.length > 0 ? ofSentences : text;
}

function describeProof(
  { template, pooling, activation, difference, rows, tried }: Proof,
  answers: InitAnswers,
): Fact[] {
  const why = `gives the ${rows} recorded predictions tried, to ${difference.toExponential(0)}`;
  return [
    ...(answers.template === undefined
      ? [fact('input.template', template, `${why}; ${tried} templates were tried`)]
      : []),
    fact('head.pooling', pooling, why),
    fact('head.activation', activation, why),
  ];
}

function describeDoubt({ template, difference, tried }: Proof, { predictions }: Survey): string {
  const [which, whose] =
    tried === 1 ? ['the template', 'its'] : [`none of ${tried} templates`, "the nearest's"];
  const verb = tried === 1 ? 'does not give' : 'gives';
  return `${which} ${verb} the predictions in ${predictions}: ${whose} are off by ${difference.toFixed(3)} (${JSON.stringify(template)})`;
}

/** One column of text leaves no choice but what stands before it. */
function guessTemplate(table: CsvTable): Fact[] {
  const text = listTextColumns(table);
  const [only] = text;
  return text.length === 1 && only !== undefined
    ? [fact('input.template', `{{${only}}}`, 'the only column of text; verify will prove it or not')]
    : [];
}
