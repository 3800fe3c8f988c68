import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLfsRules, coverLfsPaths, DEFAULT_GITATTRIBUTES } from '../../src/hub/gitattributes.ts';
import { compileWildmatch } from '../../src/hub/wildmatch.ts';

describe('.gitattributes', () => {
  it('sends model files to LFS and leaves text alone', () => {
    const isLfs = compileLfsRules(DEFAULT_GITATTRIBUTES);
    const lfs = [
      'model.safetensors',
      'a/b/pytorch_model.bin',
      'model.onnx',
      'saved_model/variables/x',
      'saved_model/x',
      'runs/events.out.tfevents.1',
      'x.tar.gz',
    ];
    const regular = [
      'config.json',
      'README.md',
      'train_set.csv',
      'plot.png',
      'safetensors',
      'x/saved_model/y',
    ];
    expect(lfs.filter((path) => !isLfs(path))).toEqual([]);
    expect(regular.filter(isLfs)).toEqual([]);
  });

  it('lets the last line that speaks of filter win', () => {
    const isLfs = compileLfsRules(
      '*.bin filter=lfs\nsmall.bin -filter\n*.bin text\n# *.md filter=lfs\n\n/root.md filter=lfs',
    );
    expect(['a.bin', 'small.bin', 'x.md', 'root.md', 'sub/root.md'].map(isLfs)).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('covers each path with a line that matches it alone', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/^\/|[\s\p{C}]/u.test(text.replaceAll(' ', ''))),
        (path) => {
          const text = coverLfsPaths('', [path]);
          expect(compileLfsRules(text)(path)).toBe(true);
          expect(compileLfsRules(text)(`${path}x`)).toBe(false);
          expect(coverLfsPaths(text, [path])).toBe(text);
        },
      ),
    );
  });

  it('takes no longer for a pattern made to backtrack', () => {
    const matches = compileWildmatch(`${'*a'.repeat(60)}b`);
    expect(matches('a'.repeat(2000))).toBe(false);
  });
});

const hasGit = spawnSync('git', ['--version']).status === 0;

describe.skipIf(!hasGit)(`the same patterns in git${hasGit ? '' : ' (skipped: no git here)'}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'attributes-test-'));
    execFileSync('git', ['init', '-q', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function askGit(content: string, paths: readonly string[]): boolean[] {
    writeFileSync(join(folder, '.gitattributes'), content);
    const output = execFileSync('git', ['-C', folder, 'check-attr', '-z', '--stdin', 'filter'], {
      input: paths.map((path) => `${path}\0`).join(''),
      encoding: 'utf8',
    });
    const fields = output.split('\0');
    return paths.map((_, index) => fields[index * 3 + 2] === 'lfs');
  }

  it('agrees with git check-attr', () => {
    const name = fc.stringMatching(/^[ab.\- ]{1,4}$/).filter((text) => !/^\.+$/.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const token = fc.constantFrom(
      'a',
      'b',
      '*',
      '?',
      '/',
      '**/',
      '[ab]',
      '[!a]',
      '[[:space:]]',
      '.',
      '-',
      '[a-b.]',
      '\\a',
    );
    const pattern = fc
      .array(token, { minLength: 1, maxLength: 6 })
      .map((tokens) => tokens.join(''))
      // A trailing slash is about folders, and git itself reads "a**/" in two ways.
      .filter((text) => !/\/$|^[/]*$|\/\/|[^/*]\*\*/.test(text));
    const line = fc
      .tuple(pattern, fc.constantFrom('filter=lfs', '-filter', 'text'))
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.array(path, { minLength: 1, maxLength: 30 }),
        (lines, paths) => {
          const content = `${lines.join('\n')}\n`;
          expect(paths.map(compileLfsRules(content))).toEqual(askGit(content, paths));
        },
      ),
      { numRuns: 150, seed: 1 },
    );
  });

  it('agrees with git about quoted paths', () => {
    const path = fc.stringMatching(/^[ab*?[\]\\!#" -]{1,8}$/).filter((text) => !/^ | $/.test(text));
    fc.assert(
      fc.property(path, path, (covered, other) => {
        const content = coverLfsPaths('', [covered]);
        expect(askGit(content, [covered, other])).toEqual([true, other === covered]);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
