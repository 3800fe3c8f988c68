import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import type { StageOptions } from '../progress.ts';
import { type LoadingResult, runLoadingPaths } from './python.ts';
import { type LoadingSpec, makeLoadingSpec } from './spec.ts';
import { stageBundle } from './staging.ts';

export type { LoadingResult } from './python.ts';

export interface LoadingOptions extends StageOptions {
  /** A Python interpreter with torch and transformers: a path, or a name on the PATH. */
  readonly python: string;
  /** The caller's environment; what it says about Hugging Face is not passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Code to run beside the card's, with the line that it prints last for the text that it scores. */
  readonly snippets?: LoadingSpec['snippets'];
}

export interface LoadingReport {
  /** True when no way failed and at least one passed. */
  readonly ok: boolean;
  /** Versions of the libraries, by package name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly paths: readonly LoadingResult[];
}

/**
 * Publishes a bundle to a Hub of its own, downloads it with Python into an empty cache, and loads it in every way its
 * readers do, the card's snippets included. Each must give the scores of the bundle's ONNX model to 1e-5.
 *
 * The bundle's own `modeling_reward.py` and the code on its card are run.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID when Python or a library is not there, ABORTED
 */
export async function checkLoading(dir: string, options: LoadingOptions): Promise<LoadingReport> {
  const { python, env, onProgress, signal } = options;
  onProgress?.({ kind: 'start', stage: 'python', message: `loading ${dir} with ${python}` });
  const config = await loadConfig(join(dir, CONFIG_FILE));
  const workDir = await mkdtemp(join(tmpdir(), 'hubwright-python-'));
  try {
    const staging = await stageBundle(dir, config, workDir);
    try {
      const { repo, revision, hubUrl } = staging;
      const made = await makeLoadingSpec(dir, config, { repo, revision }, signal);
      const spec = { ...made, snippets: [...made.snippets, ...(options.snippets ?? [])] };
      const run = { python, env, hubUrl, workDir: join(workDir, 'python'), signal };
      const { versions, models } = await runLoadingPaths([spec], run);
      const paths = models[0] ?? [];
      const count = (status: string) => paths.filter((path) => path.status === status).length;
      onProgress?.({
        kind: 'done',
        stage: 'python',
        message: `${count('pass')} ways load it, ${count('fail')} fail`,
      });
      return { ok: count('fail') === 0 && count('pass') > 0, versions, paths };
    } finally {
      await staging.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
