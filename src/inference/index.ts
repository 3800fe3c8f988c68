import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { mergeEqual, packBatch, planBatches } from './batches.ts';
import { openSession } from './session.ts';
import { loadTokenizer } from './tokenizer.ts';

export interface ScoreOptions {
  /** Tokens to truncate to, special ones included. */
  readonly maxLength: number;
  readonly activation: Config['head']['activation'];
  readonly onAdvance?: (done: number, total: number) => void;
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
 * Scores texts with a bundle's own tokenizer and ONNX model. Equal texts run once, texts of equal length together.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED
 */
export async function scoreTexts(
  dir: string,
  texts: readonly string[],
  options: ScoreOptions,
): Promise<Scores> {
  const tokenizer = await loadTokenizer(dir);
  const encodings = texts.map((text) => tokenizer.encode(text, options.maxLength));
  const sequences = mergeEqual(encodings.map(({ ids }) => ids));
  const session = await openSession(join(dir, 'model.onnx'));
  const logits = new Float64Array(texts.length);
  let done = 0;
  try {
    for (const batch of planBatches(sequences)) {
      if (options.signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while scoring');
      const packed = packBatch(
        batch.map(({ ids }) => ids),
        tokenizer.padId,
      );
      const { logits: output } = await session.run(packed, ['logits']);
      for (const [i, { rows }] of batch.entries()) {
        for (const row of rows) logits[row] = output?.[i] ?? Number.NaN;
        done += rows.length;
      }
      options.onAdvance?.(done, texts.length);
      // ONNX Runtime computes on this thread: without a pause no timer, spinner or Ctrl-C would get its turn.
      await setImmediate();
    }
    return {
      scores: logits.map((logit) => activate(logit, options.activation)),
      logits,
      distinctTexts: sequences.length,
      tokens: sequences.reduce((sum, { ids }) => sum + ids.length, 0),
      truncatedRows: encodings.filter(({ truncated }) => truncated).length,
      executionProvider: session.executionProvider,
      runtimeVersion: session.runtimeVersion,
    };
  } finally {
    await session.release();
  }
}

/** sigmoid(x) = 1 / (1 + e^−x), computed in float64 and rounded to float32 as the training code's own is. */
function activate(logit: number, activation: ScoreOptions['activation']): number {
  return activation === 'sigmoid' ? Math.fround(1 / (1 + Math.exp(-logit))) : logit;
}
