import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '../../src/hub/index.ts';

const TOKEN = 'hf_published';

/** A local Hub for the tests of one file, and a folder for what they write. */
export interface OwnHub {
  /** Holds the Hub's data in `hub`; all else is the test's. */
  readonly folder: string;
  readonly url: string;
  /** By these variables a command finds the Hub, and may write to it. */
  readonly env: Readonly<Record<'HF_ENDPOINT' | 'HF_TOKEN', string>>;
  close(): Promise<void>;
}

export async function openOwnHub(): Promise<OwnHub> {
  const folder = mkdtempSync(join(tmpdir(), 'hubwright-published-'));
  const hub = await startHub({
    dataDir: join(folder, 'hub'),
    tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
  });
  return {
    folder,
    url: hub.url,
    env: { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN },
    async close() {
      await hub.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
