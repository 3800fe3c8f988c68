import type { FileHandle } from 'node:fs/promises';

// Measured: a publish of 600 MB takes a fifth less of the processor than with pieces of 256 KiB, which took half of what the
// 64 KiB of Blob.stream() did. Each piece wakes another thread.
const PIECE_BYTES = 1024 * 1024;

export interface FilePart {
  /** The first byte, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /**
   * Whether a piece's memory may be used again once the next but one is asked for, which halves what sending costs: new
   * pieces have to be collected. Node's own fetch asks for a piece when the one before is with the system; any other reader
   * may keep them all.
   */
  readonly reuse: boolean;
}

/**
 * A part of a file as a stream, read as it is taken. `onPiece` is told of each piece's length. A file that has become
 * shorter breaks the stream.
 */
export function streamFile(
  file: FileHandle,
  { from, to, reuse }: FilePart,
  onPiece: (length: number) => void,
): ReadableStream<Uint8Array> {
  const make = () => Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, to - from));
  const kept = reuse ? [make(), make()] : [];
  let at = from;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at >= to) return controller.close();
        const piece = kept.shift() ?? make();
        if (reuse) kept.push(piece);
        const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, to - at), at);
        if (bytesRead === 0) throw new Error('the file has become shorter while it was sent');
        at += bytesRead;
        onPiece(bytesRead);
        controller.enqueue(piece.subarray(0, bytesRead));
      },
    },
    { highWaterMark: 0 },
  );
}
