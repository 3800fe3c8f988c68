import { type FileHandle, open } from 'node:fs/promises';

/**
 * Reads a file from its beginning to its end into two buffers in turns, so that one is filled while the other is looked
 * at. A stream would make a new buffer for every chunk, and collecting those takes longer than reading.
 *
 * @param look sees the chunks in order; a chunk's memory is its own until it returns
 * @throws the file system's error, or that of `look`
 */
export async function readInTurns(
  path: string,
  chunkBytes: number,
  look: (chunk: Buffer) => void,
): Promise<void> {
  const file = await open(path);
  let filling = startReading(file, Buffer.allocUnsafeSlow(chunkBytes), 0);
  try {
    let spare = Buffer.allocUnsafeSlow(chunkBytes);
    for (let at = 0; ; ) {
      const { buffer, bytesRead } = await filling;
      if (bytesRead === 0) return;
      at += bytesRead;
      filling = startReading(file, spare, at);
      look(buffer.subarray(0, bytesRead));
      spare = buffer;
    }
  } finally {
    // A file must not be closed under a read.
    await filling.catch(() => {});
    await file.close();
  }
}

function startReading(
  file: FileHandle,
  buffer: Buffer<ArrayBuffer>,
  at: number,
): Promise<{ buffer: Buffer<ArrayBuffer>; bytesRead: number }> {
  const reading = file.read(buffer, 0, buffer.length, at);
  // Its failure is seen when its turn comes, and never, should `look` throw first.
  reading.catch(() => {});
  return reading;
}
