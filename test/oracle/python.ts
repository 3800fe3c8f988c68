import { execFileSync } from 'node:child_process';

/** The interpreter of an environment made by `scripts/setup-oracle.sh`. */
export const PYTHON = process.env.HUBWRIGHT_PYTHON;

/** Why tests that ask Python are skipped; part of their title, so that a skip is seen. */
export const WITHOUT_PYTHON = PYTHON === undefined ? ' (skipped: HUBWRIGHT_PYTHON names no interpreter)' : '';

/** Runs one of the scripts in this folder and returns what it printed. */
export function runOracle(script: string, args: readonly string[], env: Record<string, string> = {}): string {
  if (PYTHON === undefined) throw new Error('HUBWRIGHT_PYTHON is not set');
  return execFileSync(PYTHON, [new URL(script, import.meta.url).pathname, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TRANSFORMERS_VERBOSITY: 'error', ...env },
  });
}
