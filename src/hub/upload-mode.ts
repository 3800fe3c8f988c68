import { LIMITS } from './limits.ts';

/** How a file has to reach the repository: inside the commit, or as an LFS object before it. */
export type UploadMode = 'regular' | 'lfs';

/** What the Hub knows of a file before it is uploaded. `sample` is its first bytes (clients send 512). */
export interface UploadCandidate {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sample: Uint8Array;
}

/**
 * The Hub's choice: LFS for what `.gitattributes` says, for more than 10 MB and for anything that is not
 * text; regular for an empty file, which the storage behind LFS does not take.
 */
export function chooseUploadMode(file: UploadCandidate, isLfsPath: (path: string) => boolean): UploadMode {
  if (file.size === 0) return 'regular';
  if (isLfsPath(file.path) || file.size > LIMITS.regularFile || isBinary(file.sample)) return 'lfs';
  return 'regular';
}

/** Whether bytes from the start of a file are anything but UTF-8 text. */
export function isBinary(sample: Uint8Array): boolean {
  if (sample.includes(0)) return true;
  try {
    // `stream` forgives a character that the sample cuts in two.
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return false;
  } catch {
    return true;
  }
}
