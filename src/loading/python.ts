import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { describeFault } from '../formats/schema-fault.ts';
import type { LoadingSpec } from './spec.ts';

const SCRIPT = fileURLToPath(new URL('../../python/loading_paths.py', import.meta.url));

const resultSchema = z.strictObject({
  /** The way to load, in words. */
  path: z.string(),
  status: z.enum(['pass', 'fail', 'skip']),
  /** The greatest difference of a score from the expected one. */
  difference: z.number().optional(),
  reason: z.string().optional(),
});

const outputSchema = z.strictObject({
  /** Versions of the libraries, by package name. */
  versions: z.record(z.string(), z.string()),
  models: z.array(z.array(resultSchema)),
});

export type LoadingResult = z.output<typeof resultSchema>;
export type LoadingOutput = z.output<typeof outputSchema>;

export interface PythonOptions {
  /** The interpreter: a path, or a name on the PATH. */
  readonly python: string;
  /** A folder for its caches and its input; empty, so that nothing of the user's own is read. */
  readonly workDir: string;
  readonly hubUrl: string;
  /** The caller's environment; what it says about Hugging Face is not passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `python/loading_paths.py` over the models, one list of results for each.
 *
 * @throws HubwrightError INPUT_MISSING when the interpreter or a library is not there, ABORTED
 */
export async function runLoadingPaths(
  specs: readonly LoadingSpec[],
  options: PythonOptions,
): Promise<LoadingOutput> {
  const { python, workDir, signal } = options;
  const specFile = join(workDir, 'spec.json');
  await mkdir(workDir, { recursive: true });
  await writeFile(specFile, JSON.stringify(specs));
  const child = spawn(python, [SCRIPT, specFile], {
    cwd: workDir,
    env: makeEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.name === 'AbortError') {
        throw new HubwrightError('ABORTED', 'interrupted while Python was loading the model', { cause });
      }
      throw new HubwrightError('INPUT_MISSING', `${python} cannot be run: ${cause.code ?? cause.message}`, {
        hint: 'name a Python interpreter that has torch and transformers: --python .venv/bin/python',
        cause,
      });
    },
  );
  if (code !== 0) throw describeFailure(python, err);
  return parseOutput(out);
}

/** Nothing of the caller's own Hub settings, tokens and caches: the model is loaded as a stranger would. */
function makeEnvironment({ env, hubUrl, workDir }: PythonOptions): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(HF_|HUGGING|TRANSFORMERS_)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    HF_ENDPOINT: hubUrl,
    HF_HOME: join(workDir, 'home'),
    HF_MODULES_CACHE: join(workDir, 'modules'),
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_IMPLICIT_TOKEN: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONIOENCODING: 'utf-8',
  };
}

function describeFailure(python: string, stderr: string): HubwrightError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const [, missing] = /No module named '([\w.]+)'/.exec(last) ?? [];
  if (missing !== undefined) {
    return new HubwrightError('INPUT_MISSING', `${python} has no ${missing}`, {
      hint: `${python} -m pip install torch transformers safetensors`,
    });
  }
  return new HubwrightError('INPUT_INVALID', `${python} could not load the model: ${last.slice(0, 500)}`, {
    hint: 'run it with --debug for the whole traceback',
    cause: stderr,
  });
}

function parseOutput(text: string): LoadingOutput {
  // Libraries may print above: the document is the last line.
  const last = text.trim().split('\n').at(-1) ?? '';
  try {
    return outputSchema.parse(JSON.parse(last));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? describeFault(cause) : 'no JSON';
    throw new HubwrightError('INPUT_INVALID', `Python printed no results: ${why}`, { cause });
  }
}
