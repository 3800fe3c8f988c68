import { join } from 'node:path';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import type { ScoreProgress } from './progress.ts';
import { groupAll, scoreGroups } from './scoring.ts';
import { createSequences } from './sequences.ts';
import { type TextSource, takeTexts } from './text-source.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

export interface ScoreOptions {
  /** Tokens to truncate to, special ones included. */
  readonly maxLength: number;
  readonly activation: Config['head']['activation'];
  readonly onAdvance?: (progress: ScoreProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Scores {
  /** One score a text, in the order given; with `sigmoid` in [0, 1]. */
  readonly scores: Float64Array;
  readonly logits: Float64Array;
  readonly distinctTexts: number;
  /** Tokens of the distinct texts, special ones included. */
  readonly tokens: number;
  readonly truncatedRows: number;
  readonly executionProvider: string;
  readonly runtimeVersion: string;
}

/**
 * Scores texts with a bundle's own tokenizer and ONNX model, on a thread of its own. Equal texts run once, texts of
 * equal length together. Of each text only its token ids are kept.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED
 */
export async function scoreTexts(dir: string, texts: TextSource, options: ScoreOptions): Promise<Scores> {
  const { maxLength, activation, signal, onAdvance } = options;
  const tokenizer = await loadTokenizer(dir);
  const sequences = createSequences();
  let truncatedRows = 0;
  await takeTexts(texts, (text) => {
    if (signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while scoring');
    const { ids, truncated } = tokenizer.encode(text, maxLength);
    sequences.add(ids);
    if (truncated) truncatedRows += 1;
  });
  const logits = new Float32Array(sequences.count).fill(Number.NaN);
  let environment = { executionProvider: 'cpu', runtimeVersion: 'unknown' };
  const open = async () => {
    const session = await openWorkerSession(join(dir, 'model.onnx'), 'cpu', { signal });
    environment = session;
    return session;
  };
  await scoreGroups(sequences, groupAll(sequences), open, {
    padId: tokenizer.padId,
    onScored: (sequence, logit) => {
      logits[sequence] = logit;
    },
    onAdvance,
  });
  const perRow = Float64Array.from(
    { length: sequences.rows },
    (_, row) => logits[sequences.ofRow(row)] ?? Number.NaN,
  );
  return {
    scores: perRow.map((logit) => activate(logit, activation)),
    logits: perRow,
    distinctTexts: sequences.count,
    tokens: sequences.tokens,
    truncatedRows,
    executionProvider: environment.executionProvider,
    runtimeVersion: environment.runtimeVersion,
  };
}

/** sigmoid(x) = 1 / (1 + e^−x), computed in float64 and rounded to float32 as the training code's own is. */
function activate(logit: number, activation: ScoreOptions['activation']): number {
  return activation === 'sigmoid' ? Math.fround(1 / (1 + Math.exp(-logit))) : logit;
}
