import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModelFiles, writeTokenizerFiles } from '../assemble/index.ts';
import { readRunFolder } from '../assemble/run-folder.ts';
import type { Config } from '../config.ts';
import { exportOnnx } from '../export/index.ts';
import type { CsvRow } from '../formats/csv.ts';
import { activate, scoreTexts } from '../inference/index.ts';
import { fillTemplate } from '../inference/template.ts';

/** How a run makes scores of rows. */
export interface Recipe {
  readonly template: string;
  readonly pooling: Config['head']['pooling'];
  readonly activation: Config['head']['activation'];
}

export interface Proof extends Recipe {
  /** The greatest difference from a recorded prediction, over `rows` rows. */
  readonly difference: number;
  readonly rows: number;
  /** Templates that were tried. */
  readonly tried: number;
}

/** A prediction recorded in half precision may lie this far from ours; another recipe's lies further. */
export const SAME = 5e-3;
/** What float32 on another machine gives: nothing that comes later can be nearer in earnest. */
const EXACT = 1e-4;
const AT_ONCE = 50;
const ROWS = 6;
/** Recipes that one row leaves, to be tried on the others. */
const FINALISTS = 4;
const POOLINGS = ['mean', 'cls', 'max'] as const;
const ACTIVATIONS = ['sigmoid', 'identity'] as const;

export interface ProofSource {
  readonly runDir: string;
  /** A config that assemble takes; its template, pooling and activation are what is sought. */
  readonly config: Config;
  readonly rows: readonly CsvRow[];
  /** The recorded prediction of each row. */
  readonly predictions: ArrayLike<number>;
  readonly templates: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds how training made a row's text and a score of it, by running the model: the recipe that comes nearest to the
 * predictions which the run recorded. Templates are tried in their order, some at a time, until one is exact.
 */
export async function proveRecipe(source: ProofSource): Promise<Proof | undefined> {
  const { runDir, config, templates } = source;
  const rows = pickRows(source);
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-init-'));
  try {
    const run = await readRunFolder(runDir, config.files);
    const { checkpoint } = await writeModelFiles(dir, run, config);
    await writeTokenizerFiles(dir, run, config);
    const poolings = checkpoint?.classifier === undefined ? POOLINGS : [config.head.pooling];
    let best: Proof | undefined;
    for (let start = 0; start < templates.length && !(best && best.difference <= EXACT); start += AT_ONCE) {
      const choices = templates.slice(start, start + AT_ONCE);
      for (const pooling of poolings) {
        const found = await tryTemplates(dir, choices, pooling, rows, source);
        if (found === undefined || found.difference >= (best?.difference ?? Number.POSITIVE_INFINITY))
          continue;
        best = { ...found, tried: Math.min(start + AT_ONCE, templates.length) };
      }
    }
    return best;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The nearest of some templates: all on one row first, then those that it leaves on the others. */
async function tryTemplates(
  dir: string,
  choices: readonly string[],
  pooling: Recipe['pooling'],
  rows: readonly Picked[],
  { config, signal }: ProofSource,
): Promise<Omit<Proof, 'tried'> | undefined> {
  await exportOnnx(dir, { pooling });
  const measure = async (templates: readonly string[], some: readonly Picked[]) => {
    const texts = templates.flatMap((template) => some.map(({ cells }) => fillTemplate(template, cells)));
    const options = { maxLength: config.input.maxLength, activation: 'identity' as const, signal };
    return rank(templates, some, (await scoreTexts(dir, texts, options)).logits);
  };
  const ranked = await measure(choices, rows.slice(0, 1));
  const finalists = [...new Set(ranked.map(({ template }) => template))].slice(0, FINALISTS);
  const [nearest] = finalists.length === 0 ? [] : await measure(finalists, rows);
  return nearest === undefined ? undefined : { ...nearest, pooling };
}

interface Picked {
  readonly cells: CsvRow['cells'];
  readonly prediction: number;
}

/** Shorter rows, whose predictions differ: they are quick, and a constant would prove nothing. */
function pickRows({ rows, predictions }: ProofSource): Picked[] {
  const length = ({ cells }: CsvRow) => Object.values(cells).join('').length;
  const sorted = rows
    .map((row, i) => ({ cells: row.cells, prediction: predictions[i] ?? Number.NaN, length: length(row) }))
    .toSorted((a, b) => a.length - b.length);
  const shorter = sorted.slice(0, Math.max(ROWS, Math.ceil(sorted.length / 4)));
  const step = Math.max(1, (shorter.length - 1) / (ROWS - 1));
  const places = new Set(Array.from({ length: ROWS }, (_, i) => Math.round(i * step)));
  return shorter.filter((_, i) => places.has(i));
}

/** Every template with every activation, nearest to the recorded predictions first. */
function rank(
  templates: readonly string[],
  rows: readonly Picked[],
  logits: Float64Array,
): Omit<Proof, 'pooling' | 'tried'>[] {
  return ACTIVATIONS.flatMap((activation) => {
    const scores = activate(logits, activation);
    return templates.map((template, t) => {
      const differences = rows.map(({ prediction }, r) =>
        Math.abs((scores[t * rows.length + r] ?? Number.NaN) - prediction),
      );
      return { template, activation, difference: Math.max(...differences), rows: rows.length };
    });
  }).toSorted((a, b) => a.difference - b.difference);
}
