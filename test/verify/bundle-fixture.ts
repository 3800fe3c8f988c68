import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../src/assemble/index.ts';
import { writeLock } from '../../src/bundle.ts';
import { loadConfig } from '../../src/config.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import type { VerificationReport } from '../../src/verification.ts';
import { verify } from '../../src/verify/index.ts';

const RUN = join(import.meta.dirname, '../../artifacts/sample-run');

export interface Workshop {
  /** A bundle that passes; not to be changed. */
  readonly clean: string;
  /** A copy of it to damage. */
  copy(): string;
  dispose(): void;
}

/** Assembles the sample run, or another one, once, for tests that damage copies of it. */
export async function openWorkshop(run = RUN): Promise<Workshop> {
  const root = mkdtempSync(join(tmpdir(), 'hubwright-verify-'));
  const clean = join(root, 'clean');
  const config = await loadConfig(join(run, 'hubwright.json'));
  await assemble(run, { config: { ...config, repo: 'me/sample' }, outDir: clean });
  let copies = 0;
  return {
    clean,
    copy() {
      copies += 1;
      const dir = join(root, `copy-${copies}`);
      cpSync(clean, dir, { recursive: true });
      return dir;
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Damages a bundle, locks it again as if it had always been so, and verifies it. */
export async function verifyDamaged(
  dir: string,
  damage: (dir: string) => void | Promise<void>,
): Promise<VerificationReport> {
  await damage(dir);
  await writeLock(dir);
  return verify(dir);
}

export function failedRules(report: VerificationReport): string[] {
  return report.checks.filter(({ status }) => status === 'fail').map(({ rule }) => rule);
}

export function editText(dir: string, file: string, edit: (text: string) => string): void {
  const path = join(dir, file);
  const before = readFileSync(path, 'utf8');
  const after = edit(before);
  if (after === before) throw new Error(`the edit of ${file} changed nothing`);
  writeFileSync(path, after);
}

export function editJson(dir: string, file: string, edit: (value: Record<string, unknown>) => void): void {
  editText(dir, file, (text) => {
    const value = JSON.parse(text);
    edit(value);
    return JSON.stringify(value, null, 2);
  });
}

/** Changes a tensor's float32 values in place. */
export async function editTensor(
  dir: string,
  name: string,
  edit: (values: Float32Array) => void,
): Promise<void> {
  const path = join(dir, 'model.safetensors');
  const entry = (await readSafetensorsHeader(path)).tensors.get(name);
  if (entry === undefined) throw new Error(`no tensor ${name}`);
  const file = readFileSync(path);
  const values = new Float32Array(
    file.buffer.slice(file.byteOffset + entry.offset, file.byteOffset + entry.offset + entry.byteLength),
  );
  edit(values);
  Buffer.from(values.buffer).copy(file, entry.offset);
  writeFileSync(path, file);
}

/** Exchanges the values of two tensors of one shape. */
export async function swapTensors(dir: string, a: string, b: string): Promise<void> {
  let first = new Float32Array();
  let second = new Float32Array();
  await editTensor(dir, a, (values) => {
    first = values.slice();
  });
  await editTensor(dir, b, (values) => {
    second = values.slice();
    values.set(first);
  });
  await editTensor(dir, a, (values) => values.set(second));
}
