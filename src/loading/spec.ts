import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listSnippets } from '../card/snippets.ts';
import type { Config } from '../config.ts';
import { isJsonObject, readJsonObject } from '../formats/json.ts';
import { scoreTexts } from '../inference/index.ts';
import { SHIM_FILE } from '../shim/index.ts';
import { readSplit, SPLIT_FILES, type Split } from '../splits.ts';

/** What `python/loading_paths.py` is told about one model. */
export interface LoadingSpec {
  /** A Hub id, or a folder. */
  readonly repo: string;
  readonly revision?: string;
  /** Of Hubwright's own `modeling_reward.py`, or of a class that transformers or the repository's code brings. */
  readonly kind: 'wrapper' | 'stock';
  /** Whether loading it takes `trust_remote_code=True`. */
  readonly hasCode: boolean;
  /** The base model whose settings the wrapper can be built from. */
  readonly base: string | null;
  readonly pooling: string;
  readonly activation: Config['head']['activation'];
  /** Cells of some rows by column, and the text that each makes. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly texts: readonly string[];
  readonly scores: readonly number[];
  readonly maxLength: number;
  readonly hasOnnx: boolean;
  readonly layouts: readonly string[];
  readonly snippets: readonly { readonly name: string; readonly code: string; readonly expected: string }[];
}

/** Rows to score in each way: enough to differ in length, few enough for a large model on a CPU. */
const ROWS = 5;

/**
 * Describes a bundle for Python: a few rows of its test split with the scores that its ONNX model gives them, and the
 * card's snippets with what they say they print.
 */
export async function makeLoadingSpec(
  dir: string,
  config: Config,
  published: Pick<LoadingSpec, 'repo' | 'revision'>,
  signal?: AbortSignal,
): Promise<LoadingSpec> {
  const picked = pickRows(await readSplit(join(dir, SPLIT_FILES.test), config));
  const texts = picked.map(({ text }) => text);
  const { activation } = config.head;
  const { maxLength } = config.input;
  const { scores } = await scoreTexts(dir, texts, { maxLength, activation, signal });
  const card = await readFile(join(dir, 'README.md'), 'utf8');
  const modelConfig = await readJsonObject(join(dir, 'config.json'));
  const hasCode = isJsonObject(modelConfig.auto_map);
  const isWrapper = existsSync(join(dir, SHIM_FILE));
  return {
    ...published,
    kind: isWrapper ? 'wrapper' : 'stock',
    hasCode,
    // A stock class reads its own setting, or the first token where it has none.
    pooling: isWrapper ? config.head.pooling : String(modelConfig.classifier_pooling ?? 'cls'),
    base: config.baseModel ?? null,
    activation,
    rows: picked.map(({ cells }) => cells),
    texts,
    scores: [...scores],
    maxLength,
    hasOnnx: true,
    layouts: config.layouts,
    snippets: listSnippets(card, 'python').map(({ code, expected }, i) => ({
      name: `the card's Python snippet ${i + 1}`,
      code,
      expected,
    })),
  };
}

/** Rows of different lengths, evenly spread over the shorter half: a batch of them needs padding, and stays quick. */
function pickRows({ table, texts }: Split): { text: string; cells: Readonly<Record<string, string>> }[] {
  const sorted = texts
    .map((text, i) => ({ text, cells: table.rows[i]?.cells ?? {} }))
    .toSorted((a, b) => a.text.length - b.text.length);
  const shorter = sorted.slice(0, Math.max(ROWS, Math.ceil(sorted.length / 2)));
  const step = Math.max(1, (shorter.length - 1) / (ROWS - 1));
  const places = new Set(Array.from({ length: ROWS }, (_, i) => Math.round(i * step)));
  return shorter.filter((_, i) => places.has(i));
}
