import type { FileHandle } from 'node:fs/promises';
import { CHUNK_HEADER, encodePlainChunkHeader } from '../../formats/xet/chunk-header.ts';
import type { FileChunk } from './chunk-file.ts';

/** As in file-stream.ts: bytes sent at once. */
const PIECE_BYTES = 1024 * 1024;
/** Chunks in a piece: more only where a file's chunks are all of the least size. */
const MAX_CHUNKS = 128;

/** Bytes of a xorb as it is sent. Weights hardly pack, so its chunks are stored as they are. */
export function countXorbBytes(chunks: readonly FileChunk[]): number {
  return chunks.reduce((sum, { length }) => sum + CHUNK_HEADER + length, 0);
}

/** What `streamXorb` reads from. */
export interface XorbSource {
  readonly file: FileHandle;
  readonly chunks: readonly FileChunk[];
  /** As in file-stream.ts: whether a piece's memory may be used again once the next but one is asked for. */
  readonly reuse: boolean;
}

/**
 * A xorb as a stream, read from the file as it is taken, so that none has to be held in memory. `onPiece` is told of each
 * piece's content, in bytes. A file that has become shorter breaks the stream.
 */
export function streamXorb(
  { file, chunks, reuse }: XorbSource,
  onPiece: (length: number) => void,
): ReadableStream<Uint8Array> {
  const scratch = Buffer.allocUnsafeSlow(PIECE_BYTES);
  const make = () => Buffer.allocUnsafeSlow(PIECE_BYTES + MAX_CHUNKS * CHUNK_HEADER);
  const kept = reuse ? [make(), make()] : [];
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const run = takeRun(chunks, next);
        const [first] = run;
        if (first === undefined) return controller.close();
        next += run.length;
        const length = run.reduce((sum, chunk) => sum + chunk.length, 0);
        await readFully(file, scratch, length, first.offset);
        const piece = kept.shift() ?? make();
        if (reuse) kept.push(piece);
        let at = 0;
        for (const chunk of run) {
          piece.set(encodePlainChunkHeader(chunk.length), at);
          const start = chunk.offset - first.offset;
          piece.set(scratch.subarray(start, start + chunk.length), at + CHUNK_HEADER);
          at += CHUNK_HEADER + chunk.length;
        }
        onPiece(length);
        controller.enqueue(piece.subarray(0, at));
      },
    },
    { highWaterMark: 0 },
  );
}

/** Chunks from `start` on that lie one behind the other in the file, as many as one piece holds. */
function takeRun(chunks: readonly FileChunk[], start: number): FileChunk[] {
  const run: FileChunk[] = [];
  let bytes = 0;
  for (let index = start; index < chunks.length; index += 1) {
    const chunk = chunks[index] as FileChunk;
    const last = run.at(-1);
    if (last !== undefined && last.offset + last.length !== chunk.offset) break;
    bytes += chunk.length;
    if (bytes > PIECE_BYTES || run.length === MAX_CHUNKS) break;
    run.push(chunk);
  }
  return run;
}

async function readFully(file: FileHandle, into: Buffer, length: number, position: number): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(into, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('the file has become shorter while it was sent');
    done += bytesRead;
  }
}
