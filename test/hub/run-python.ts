import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PYTHON } from '../oracle/python.ts';
import { ALICE } from './running-hub.ts';

/** Runs a script as alice against the Hub at `url`. It fills the dictionary `out`, which is returned. */
export async function runPython(
  url: string,
  script: string,
  variables: Readonly<Record<string, string>> = {},
  python = PYTHON,
): Promise<Record<string, unknown>> {
  const home = await mkdtemp(join(tmpdir(), 'python-home-'));
  const env = {
    PATH: process.env.PATH,
    HF_HOME: home,
    HF_ENDPOINT: url,
    HF_TOKEN: ALICE,
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    WORK: home,
    ...variables,
  };
  const prelude =
    'import os, json, pathlib\nfrom huggingface_hub import *\nfrom huggingface_hub.errors import *\nwork = pathlib.Path(os.environ["WORK"])\nout = {}\n';
  try {
    const { stdout } = await promisify(execFile)(
      python ?? '',
      ['-c', `${prelude}${script}\nprint(json.dumps(out))`],
      { env, maxBuffer: 1 << 26 },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
