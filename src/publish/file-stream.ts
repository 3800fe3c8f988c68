import type { FileHandle } from 'node:fs/promises';

// Each piece wakes another thread and is collected as garbage. Measured: a publish of 600 MB takes a fifth less of the
// processor than with 256 KiB, which took half of what the 64 KiB of Blob.stream() did.
const PIECE_BYTES = 1024 * 1024;

/**
 * The bytes of a file from `from` up to `to` as a stream, read as they are taken. `onPiece` is told of each piece's length.
 * A file that has become shorter breaks the stream.
 */
export function streamFile(
  file: FileHandle,
  from: number,
  to: number,
  onPiece: (length: number) => void,
): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at >= to) return controller.close();
        const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, to - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new Error('the file has become shorter while it was sent');
        at += bytesRead;
        onPiece(bytesRead);
        controller.enqueue(piece.subarray(0, bytesRead));
      },
    },
    { highWaterMark: 0 },
  );
}
