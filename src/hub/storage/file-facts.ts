import { type LfsPointer, parsePointer } from '../lfs-pointer.ts';
import type { Repository } from './repository.ts';

/** What a blob is to a reader: content of its own, or a pointer to an LFS object. */
export interface FileFacts {
  /** Bytes of the content: the LFS object's, not the pointer's. */
  readonly size: number;
  readonly lfs: (LfsPointer & { readonly pointerSize: number }) | undefined;
}

/** Looks into a blob. The commit endpoint lets no pointer in whose object is missing, so a pointer is enough. */
export async function readFileFacts(repository: Repository, blob: string): Promise<FileFacts> {
  const { size, head } = await repository.objects.peekBlob(blob);
  const pointer = size <= head.length ? parsePointer(head) : undefined;
  return pointer === undefined
    ? { size, lfs: undefined }
    : { size: pointer.size, lfs: { ...pointer, pointerSize: size } };
}
