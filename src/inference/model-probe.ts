import { join } from 'node:path';
import { packBatch } from './batches.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

/** A bundle's model, to be asked about sequences of one's own making. */
export interface Probe {
  /** Token ids of a text, special ones included, at most `maxLength`. */
  encode(text: string, maxLength: number): readonly number[];
  /** Logits of sequences run as one batch, padded to the longest. @throws HubwrightError INFERENCE or ABORTED */
  run(sequences: readonly (readonly number[])[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Opens `model.onnx` on the CPU. @throws HubwrightError INPUT_MISSING, INPUT_INVALID, INFERENCE or ABORTED */
export async function openProbe(dir: string, signal: AbortSignal | undefined): Promise<Probe> {
  const tokenizer = await loadTokenizer(dir);
  const session = await openWorkerSession(join(dir, 'model.onnx'), { provider: 'cpu' }, { signal });
  return {
    encode: (text, maxLength) => tokenizer.encode(text, maxLength).ids,
    run: async (sequences) => {
      const { logits } = await session.run(packBatch(sequences, tokenizer.padId), ['logits']);
      return logits ?? new Float32Array();
    },
    release: () => session.release(),
  };
}
