import { execFileSync } from 'node:child_process';

// The interpreters of the environments that `scripts/setup-oracle.sh` makes, and why the tests that ask one are
// skipped where it is missing: part of their title, so that a skip is seen.

/** transformers 5, torch, onnx, scikit-learn, sentence-transformers. */
export const PYTHON = process.env.HUBWRIGHT_PYTHON;
export const WITHOUT_PYTHON = reason(PYTHON, 'HUBWRIGHT_PYTHON');

/** transformers 4.57, torch. Its check for a huggingface_hub below 1 is answered by the environment, not met. */
export const PYTHON_V4 = process.env.HUBWRIGHT_PYTHON_V4;
export const WITHOUT_PYTHON_V4 = reason(PYTHON_V4, 'HUBWRIGHT_PYTHON_V4');

/** huggingface_hub 2 with its `hf` command beside the interpreter, and nothing else. */
export const PYTHON_HUB2 = process.env.HUBWRIGHT_PYTHON_HUB2;
export const WITHOUT_PYTHON_HUB2 = reason(PYTHON_HUB2, 'HUBWRIGHT_PYTHON_HUB2');

/** Both generations of transformers, for tests that ask each. */
export const TRANSFORMERS = [
  { version: '5', python: PYTHON, without: WITHOUT_PYTHON },
  { version: '4', python: PYTHON_V4, without: WITHOUT_PYTHON_V4 },
] as const;

function reason(python: string | undefined, variable: string): string {
  return python === undefined ? ` (skipped: ${variable} names no interpreter)` : '';
}

/** Runs one of the scripts in this folder and returns what it printed. */
export function runOracle(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
  python = PYTHON,
): string {
  if (python === undefined) throw new Error(`no Python interpreter to run ${script}`);
  return execFileSync(python, [new URL(script, import.meta.url).pathname, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TRANSFORMERS_VERBOSITY: 'error', ...env },
  });
}
