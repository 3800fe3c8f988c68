import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for what is only needed while a run is looked at; the caller removes it. */
export function makeWorkDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'hubwright-init-'));
}
