import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LfsPointer } from '../lfs-pointer.ts';
import { LIMITS, SIGNED_URL_SECONDS } from '../limits.ts';
import { gather, writeBatch } from './gather.ts';
import type { LfsRefusal } from './lfs-store.ts';

/** A part as the client lists it in the end. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** LFS objects that arrive in parts. They live in memory and a temporary file: a restart forgets them. */
export interface MultipartUploads {
  /** Announces an object; the answer is the upload's id. */
  begin(pointer: LfsPointer): Promise<string>;
  /** Takes part `number` (from 1) and answers its ETag. */
  put(id: string, number: number, body: AsyncIterable<Uint8Array>): Promise<{ etag: string } | LfsRefusal>;
  /** The file with the whole content, when every part is there with the ETag that it was given. No part is taken after that. */
  finish(id: string, parts: readonly UploadedPart[]): { readonly path: string } | LfsRefusal;
  end(id: string): Promise<void>;
}

/** Number of parts that an object of `size` bytes is sent in. */
export function countParts(size: number): number {
  return Math.ceil(size / LIMITS.multipartPart);
}

interface Upload {
  readonly pointer: LfsPointer;
  readonly path: string;
  readonly etags: Map<number, string>;
  /** Parts that are arriving right now. */
  arriving: number;
  isFinished: boolean;
  readonly startedAt: number;
}

// Parts may trickle in for as long as their URLs work; what is older than that twice over was given up.
const ABANDONED_AFTER_MS = 2 * SIGNED_URL_SECONDS * 1000;

export function createMultipartUploads(temporaryFolder: string): MultipartUploads {
  const uploads = new Map<string, Upload>();

  async function end(id: string): Promise<void> {
    const upload = uploads.get(id);
    uploads.delete(id);
    if (upload !== undefined) await rm(upload.path, { force: true });
  }

  return {
    async begin(pointer) {
      for (const [id, upload] of uploads) {
        if (Date.now() - upload.startedAt > ABANDONED_AFTER_MS) await end(id);
      }
      const id = randomUUID();
      const path = join(temporaryFolder, `parts-${id}`);
      await (await open(path, 'wx')).close();
      const startedAt = Date.now();
      uploads.set(id, { pointer, path, etags: new Map(), arriving: 0, isFinished: false, startedAt });
      return id;
    },
    async put(id, number, body) {
      const upload = uploads.get(id);
      if (upload === undefined || upload.isFinished) return { refused: 'there is no such upload' };
      const start = (number - 1) * LIMITS.multipartPart;
      const expected = Math.min(LIMITS.multipartPart, upload.pointer.size - start);
      let size = 0;
      upload.arriving += 1;
      const file = await open(upload.path, 'r+');
      try {
        for await (const batch of gather(body)) {
          const length = batch.reduce((sum, chunk) => sum + chunk.length, 0);
          if (size + length > expected) return { refused: `part ${number} is longer than ${expected} bytes` };
          await writeBatch(file, batch, length, start + size);
          size += length;
        }
      } finally {
        await file.close();
        upload.arriving -= 1;
      }
      if (size !== expected) return { refused: `part ${number} has ${size} bytes instead of ${expected}` };
      // S3's would be a hash. Clients give it back as it is, and the whole is hashed in the end.
      const etag = `"${randomUUID()}"`;
      upload.etags.set(number, etag);
      return { etag };
    },
    finish(id, parts) {
      const upload = uploads.get(id);
      if (upload === undefined) return { refused: 'there is no such upload' };
      const listed = new Map(parts.map((part) => [part.partNumber, part.etag]));
      for (let number = 1; number <= countParts(upload.pointer.size); number += 1) {
        const etag = upload.etags.get(number);
        if (etag === undefined) return { refused: `part ${number} was not uploaded` };
        if (listed.get(number) !== etag)
          return { refused: `the ETag of part ${number} is not the one it was given` };
      }
      // The file itself becomes the object: nothing may write to it any more.
      if (upload.arriving > 0) return { refused: 'a part is still arriving' };
      upload.isFinished = true;
      return { path: upload.path };
    },
    end,
  };
}
