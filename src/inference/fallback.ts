import { HubwrightError } from '../errors.ts';
import type { Batch, Session } from './session.ts';

/**
 * A session that copes with a device that fails while it runs, mostly for want of memory: the batch is halved, and so
 * is every later one as large. What fails as a single row goes to the next device, as everything after it does.
 *
 * @param openNext opens the next device; undefined where there is none, and then the failure is passed on
 */
export function fallBack(
  first: Session,
  openNext: () => Promise<Session | undefined>,
  onNote: ((message: string) => void) | undefined,
): Session {
  const used = [first];
  let session = first;
  /** Rows × length that the device may have room for. */
  let room = Number.POSITIVE_INFINITY;

  async function run(batch: Batch, outputs: readonly string[]): Promise<Record<string, Float32Array>> {
    const { rows, length } = batch;
    if (rows > 1 && rows * length > room) return runHalves(batch, outputs);
    try {
      return await session.run(batch, outputs);
    } catch (error) {
      if (!(error instanceof HubwrightError) || error.code === 'ABORTED') throw error;
      // Its batches are small already, and there is nothing behind it.
      if (session.executionProvider === 'cpu') throw error;
      if (rows > 1) {
        const device = session.executionProvider;
        if (room === Number.POSITIVE_INFINITY)
          onNote?.(`${device} failed, going on with smaller batches: ${error.message}`);
        room = Math.ceil(rows / 2) * length;
        return runHalves(batch, outputs);
      }
      const next = await openNext();
      if (next === undefined) throw error;
      onNote?.(
        `${session.executionProvider} failed, going on with ${next.executionProvider}: ${error.message}`,
      );
      used.push(next);
      session = next;
      room = Number.POSITIVE_INFINITY;
      return run(batch, outputs);
    }
  }
  async function runHalves(batch: Batch, outputs: readonly string[]): Promise<Record<string, Float32Array>> {
    const half = Math.ceil(batch.rows / 2);
    const start = await run(sliceBatch(batch, 0, half), outputs);
    const end = await run(sliceBatch(batch, half, batch.rows), outputs);
    return Object.fromEntries(outputs.map((name) => [name, join(start[name], end[name])]));
  }
  return {
    // A report must name every device that had a part in its scores.
    get executionProvider() {
      return used.map(({ executionProvider }) => executionProvider).join(', ');
    },
    get conditions() {
      return Object.assign({}, ...used.map(({ conditions }) => conditions));
    },
    runtimeVersion: first.runtimeVersion,
    run,
    async release() {
      for (const each of used) await each.release();
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
