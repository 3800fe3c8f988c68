import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { runCli } from '../cli/run-cli.ts';
import { readFolderState } from '../fixtures/folder-state.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hubwright-test-'));
  const config = await loadConfig(join(SAMPLE_RUN, 'hubwright.json'));
  await assemble(SAMPLE_RUN, { config, outDir: join(root, 'bundle') });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs a command in a folder that holds a copy of the bundle, after `damage`; nothing there may change. */
async function expectRefusal(
  args: string[],
  damage: (folder: string) => void,
  message: RegExp,
  hint: RegExp,
) {
  const folder = mkdtempSync(join(root, 'case-'));
  cpSync(join(root, 'bundle'), join(folder, 'bundle'), { recursive: true });
  damage(folder);
  const before = readFolderState(folder);
  const { code, stdout, stderr } = await runCli([...args, '--quiet'], { cwd: folder });
  expect([code, stdout]).toEqual([2, '']);
  const [first, second, ...rest] = stderr.trimEnd().split('\n');
  expect(first).toMatch(/^✖ /);
  expect(first).toMatch(message);
  expect(second).toMatch(/^ {2}hint: /);
  expect(second).toMatch(hint);
  expect(rest).toEqual([]);
  expect(readFolderState(folder)).toEqual(before);
}

const OUTPUTS: Record<string, [out: string, damage: (folder: string) => void, message: RegExp]> = {
  'a folder of other files': [
    'thesis',
    (folder) => {
      mkdirSync(join(folder, 'thesis'));
      writeFileSync(join(folder, 'thesis/chapter-1.md'), 'years of work');
    },
    /thesis holds files that are not a bundle's: chapter-1\.md$/,
  ],
  'a bundle with an edited file': [
    'bundle',
    (folder) => appendFileSync(join(folder, 'bundle/test_metrics.json'), '\n'),
    /bundle holds files that were changed or added by hand: test_metrics\.json$/,
  ],
  'a bundle with a file of somebody else': [
    'bundle',
    (folder) => writeFileSync(join(folder, 'bundle/notes.txt'), 'mine'),
    /bundle holds files that were changed or added by hand: notes\.txt$/,
  ],
  'a bundle under git': [
    'bundle',
    (folder) => mkdirSync(join(folder, 'bundle/.git')),
    /bundle holds what git or a download put there: \.git$/,
  ],
  'a file': ['out', (folder) => writeFileSync(join(folder, 'out'), 'mine'), /out is a file, not a folder$/],
  'a path below a file': [
    'file/out',
    (folder) => writeFileSync(join(folder, 'file'), 'mine'),
    /file\/out cannot be written: a part of its path is a file$/,
  ],
  'a folder that takes no files': ['/proc/hubwright', () => {}, /\/proc\/hubwright cannot be written: /],
};

describe.concurrent('hubwright assemble does not write over', () => {
  test.each(Object.entries(OUTPUTS))('%s', async (_, [out, damage, message]) => {
    await expectRefusal(
      ['assemble', SAMPLE_RUN, '--out', out],
      damage,
      message,
      /name another folder with --out/,
    );
  });
});

const NO_BUNDLE = /is not a bundle: it has no hubwright\.lock\.json$/;
const COMMANDS: Record<
  string,
  [args: string[], damage: (folder: string) => void, message: RegExp, hint: RegExp]
> = {
  'verify of no bundle': [['verify', '.'], () => {}, NO_BUNDLE, /hubwright assemble <run-dir>/],
  'export of an empty folder': [
    ['export', '.'],
    () => {},
    /holds no model\.safetensors, and is not a bundle$/,
    /hubwright assemble <run-dir>/,
  ],
  'card of no bundle': [['card', '.'], () => {}, NO_BUNDLE, /hubwright assemble <run-dir>/],
  'plot of no bundle': [['plot', '.'], () => {}, NO_BUNDLE, /hubwright assemble <run-dir>/],
  'score of no bundle': [['score', '.'], () => {}, /hubwright\.json is not there/, /write one/],
  'score of rows without a column': [
    ['score', 'bundle', '--input', 'rows.csv'],
    (folder) => writeFileSync(join(folder, 'rows.csv'), 'sql,nl\na,b\n'),
    /rows\.csv has no column reasoning, which input\.template names; its columns: sql, nl$/,
    /input\.template/,
  ],
  'score of a file that is not there': [
    ['score', 'bundle', '--input', 'rows.csv'],
    () => {},
    /rows\.csv cannot be read: it is not there$/,
    /check the path/,
  ],
  'verify of a bundle with an edited lock': [
    ['verify', 'bundle'],
    (folder) => writeFileSync(join(folder, 'bundle/hubwright.lock.json'), '{"version": 1}'),
    /hubwright\.lock\.json was damaged or edited: /,
    /assemble the bundle again/,
  ],
};

describe.concurrent('hubwright refuses', () => {
  test.each(Object.entries(COMMANDS))('%s', async (_, [args, damage, message, hint]) => {
    await expectRefusal(args, damage, message, hint);
  });
});
