import { HubwrightError } from '../errors.ts';
import type { Batch, Session } from './session.ts';

/**
 * A session that copes with a GPU that fails while it runs, mostly for want of memory: the batch is halved, and what
 * fails as a single row goes to the CPU, as everything after it does.
 *
 * @param openCpu undefined when the CPU is not allowed: then the failure is passed on
 */
export function fallBack(
  session: Session,
  openCpu: (() => Promise<Session>) | undefined,
  onNote: ((message: string) => void) | undefined,
): Session {
  let cpu: Session | undefined;
  async function run(batch: Batch, outputs: readonly string[]): Promise<Record<string, Float32Array>> {
    if (cpu !== undefined) return cpu.run(batch, outputs);
    try {
      return await session.run(batch, outputs);
    } catch (error) {
      if (!(error instanceof HubwrightError) || error.code === 'ABORTED') throw error;
      if (batch.rows > 1) {
        const half = Math.ceil(batch.rows / 2);
        const first = await run(sliceBatch(batch, 0, half), outputs);
        const second = await run(sliceBatch(batch, half, batch.rows), outputs);
        return Object.fromEntries(outputs.map((name) => [name, join(first[name], second[name])]));
      }
      if (openCpu === undefined) throw error;
      onNote?.(`${session.executionProvider} failed, going on with the CPU: ${error.message}`);
      cpu = await openCpu();
      return cpu.run(batch, outputs);
    }
  }
  return {
    // A report must name every device that had a part in its scores.
    get executionProvider() {
      return cpu === undefined ? session.executionProvider : `${session.executionProvider}, cpu`;
    },
    runtimeVersion: session.runtimeVersion,
    run,
    async release() {
      await session.release();
      await cpu?.release();
    },
  };
}

function sliceBatch({ length, inputIds, attentionMask }: Batch, from: number, to: number): Batch {
  const [start, end] = [from * length, to * length];
  return {
    rows: to - from,
    length,
    inputIds: inputIds.slice(start, end),
    attentionMask: attentionMask.slice(start, end),
  };
}

function join(a?: Float32Array, b?: Float32Array): Float32Array {
  return Float32Array.from([...(a ?? []), ...(b ?? [])]);
}
