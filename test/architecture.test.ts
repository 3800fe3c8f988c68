import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/**
 * The rooms of the tree, highest first. A room may import from rooms of lower levels, and from nothing else; rooms of
 * one level do not know each other. The stages assemble, verify and publish share a level: they meet in the bundle.
 */
const LEVELS: readonly (readonly string[])[] = [
  ['cli', 'index.ts'],
  ['preview'],
  ['report'],
  ['loading', 'init'],
  ['assemble', 'verify', 'publish', 'hub'],
  ['card'],
  ['shim', 'layouts'],
  ['plot', 'export'],
  ['splits.ts', 'attest'],
  ['inference', 'checkpoint', 'metrics', 'verification.ts'],
  ['bundle.ts', 'config.ts'],
  ['architectures'],
  ['graph'],
  ['formats'],
  ['errors.ts', 'progress.ts', 'version.ts'],
];

/** Packages that only one file may import, so that everything about them can be found there. */
const SOLE_IMPORTERS: Record<string, string> = {
  '@sigstore/bundle': 'attest/sealed-statement.ts',
  '@huggingface/tokenizers': 'inference/tokenizer.ts',
  'onnxruntime-node': 'inference/session.ts',
  '@resvg/resvg-js': 'plot/raster.ts',
  undici: 'publish/proxy.ts',
  ora: 'cli/terminal.ts',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
  .map((path) => path.replaceAll('\\', '/'));

function room(path: string): string {
  return path.split('/')[0] ?? path;
}

function level(path: string): number {
  const found = LEVELS.findIndex((rooms) => rooms.includes(room(path)));
  if (found < 0) throw new Error(`${path} is in a room that has no level`);
  return found;
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  return [...text.matchAll(/(?:from\s+|import\()'([^']+)'/g)].map((match) => match[1] ?? '');
}

/** The files that are there as soon as this one is: neither types nor what is imported when it is needed. */
function loadedBy(path: string): string[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )[^']*? from '(\.[^']+)'/gms)].map((match) =>
    relative(SRC, join(SRC, dirname(path), match[1] ?? '')).replaceAll('\\', '/'),
  );
}

describe('architecture', () => {
  test('imports go downwards only', () => {
    expect(files.length).toBeGreaterThan(50);
    const wrong = files.flatMap((path) =>
      importsOf(path)
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(SRC, join(SRC, dirname(path), target)).replaceAll('\\', '/'))
        .filter((target) => room(target) !== room(path) && level(target) <= level(path))
        .map((target) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test.each(Object.entries(SOLE_IMPORTERS))('only one file imports %s', (name, importer) => {
    const importers = files.filter((path) => importsOf(path).includes(name));
    expect(importers).toEqual([importer]);
  });

  test('no rule is loaded to publish what was verified before, and to print its report', () => {
    const loaded = ['cli/commands/publish.ts', 'cli/reports.ts'];
    // The list grows while it is walked.
    for (const path of loaded) loaded.push(...loadedBy(path).filter((target) => !loaded.includes(target)));
    expect(loaded).toContain('report/sarif.ts');
    expect(loaded.filter((path) => /^(verify\/rules|inference\/session)/.test(path))).toEqual([]);
  });

  test('only cli/ touches the process and the console', () => {
    const wrong = files.filter(
      (path) => room(path) !== 'cli' && /\b(process\.|console\.)/.test(readFileSync(join(SRC, path), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  test('no file is longer than 300 lines', () => {
    const long = files.filter((path) => readFileSync(join(SRC, path), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
  });
});
