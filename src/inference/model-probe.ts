import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { packBatch } from './batches.ts';
import type { CachePlace } from './index.ts';
import { openScoreCache } from './score-cache.ts';
import { readRuntimeVersion, type Session } from './session.ts';
import { loadTokenizer } from './tokenizer.ts';
import { openWorkerSession } from './worker-session.ts';

/** A bundle's model, to be asked about sequences of one's own making. */
export interface Probe {
  /** Token ids of a text, special ones included, at most `maxLength`. */
  encode(text: string, maxLength: number): readonly number[];
  /**
   * Logits of sequences run as one batch, padded to the longest; those that an earlier run has kept of the very same
   * batch, if it kept them all.
   *
   * @param occasion tells two runs of one batch apart
   * @throws HubwrightError INFERENCE or ABORTED
   */
  run(sequences: readonly (readonly number[])[], occasion?: string): Promise<Float32Array>;
  /** Keeps what is new. */
  release(): Promise<void>;
}

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where to keep logits between runs; none are kept without it. */
  readonly cache?: CachePlace | undefined;
}

/** Opens `model.onnx` on the CPU, once it is asked. @throws HubwrightError INPUT_MISSING or INPUT_INVALID */
export async function openProbe(dir: string, { signal, cache: place }: ProbeOptions = {}): Promise<Probe> {
  const tokenizer = await loadTokenizer(dir);
  const cache = place === undefined ? undefined : await openScoreCache(place.dir);
  let session: Session | undefined;
  const compute = async (sequences: readonly (readonly number[])[]) => {
    session ??= await openWorkerSession(join(dir, 'model.onnx'), { provider: 'cpu' }, { signal });
    const { logits } = await session.run(packBatch(sequences, tokenizer.padId), ['logits']);
    return logits ?? new Float32Array();
  };
  return {
    encode: (text, maxLength) => tokenizer.encode(text, maxLength).ids,
    async run(sequences, occasion = '') {
      const model = `${place?.model} cpu ${readRuntimeVersion()} probe ${digest(sequences)} ${occasion}`;
      const keys = sequences.map((_, i) => ({ model, ids: String(i), inCompany: sequences.length > 1 }));
      const known = keys.map((key) => cache?.get(key));
      if (known.every((logit) => logit !== undefined)) return Float32Array.from(known);
      const logits = await compute(sequences);
      for (const [i, key] of keys.entries()) cache?.set(key, logits[i] ?? Number.NaN);
      return logits;
    },
    async release() {
      await cache?.save('now');
      await session?.release();
    },
  };
}

/** sha256 over the lengths and ids of a batch. */
function digest(sequences: readonly (readonly number[])[]): string {
  const hash = createHash('sha256');
  for (const ids of sequences) hash.update(Uint32Array.from([ids.length, ...ids]));
  return hash.digest('hex');
}
