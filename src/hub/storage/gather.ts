import type { FileHandle } from 'node:fs/promises';

/** As much of a body as is written at a time. */
const BATCH_BYTES = 1024 * 1024;

/**
 * A body's chunks in batches. A socket gives 64 KiB at most, and to hand each to the disk by itself costs more than to
 * write it.
 */
export async function* gather(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    batch.push(chunk);
    size += chunk.length;
    if (size < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Writes a batch of `size` bytes, at `position` or where the file stands. A full disk can take a part of it. */
export async function writeBatch(
  file: FileHandle,
  batch: readonly Uint8Array[],
  size: number,
  position?: number,
): Promise<void> {
  const { bytesWritten } = await file.writev(batch, position);
  if (bytesWritten !== size) throw new Error(`the disk took ${bytesWritten} of ${size} bytes`);
}
