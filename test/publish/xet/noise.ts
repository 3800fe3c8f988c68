import { createHash } from 'node:crypto';

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(seed).digest();
}
