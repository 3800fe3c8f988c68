/** To be called whenever bytes have moved. */
export type Alive = () => void;

/** No byte moved for too long. */
class StallError extends Error {
  override readonly name = 'StallError';
}

/** An answer that is no file is some kilobytes; a listing of 100,000 files some tens of megabytes. */
const MAX_ANSWER_BYTES = 100_000_000;
const PIECE_BYTES = 64 * 1024;
/** Null-body statuses of the Fetch standard. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/** Runs `work` with a signal that fires when `alive` was not called for `limitMs`, or when `outer` fires. */
export async function limitStall<T>(
  limitMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal, alive: Alive) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(outer?.reason);
  const onStall = () =>
    controller.abort(new StallError(`moved no byte for ${Math.max(1, Math.round(limitMs / 1000))} s`));
  let timer = setTimeout(onStall, limitMs);
  outer?.addEventListener('abort', onAbort, { once: true });
  if (outer?.aborted === true) onAbort();
  try {
    return await work(controller.signal, () => {
      clearTimeout(timer);
      timer = setTimeout(onStall, limitMs);
    });
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
}

/** The same answer with its body read to the end. */
export async function readWhole(response: Response, alive: Alive): Promise<Response> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    alive();
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  const { status, headers } = response;
  return new Response(WITHOUT_BODY.has(status) ? null : Buffer.concat(parts), { status, headers });
}

/** Passes a stream on and shows each piece that was taken. */
export function meter(
  stream: ReadableStream<Uint8Array>,
  onPiece: (piece: Uint8Array) => void,
): ReadableStream<Uint8Array> {
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        onPiece(piece);
        controller.enqueue(piece);
      },
    }),
  );
}

/** Bytes in memory as a stream of pieces, so that a slow network can be told from a dead one. */
export function streamBytes(bytes: Buffer, alive: Alive): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      alive();
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}
