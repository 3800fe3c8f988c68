import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareWithLock, readLock } from '../../src/bundle.ts';
import { editJson, editText, openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { runCli } from './run-cli.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.dispose());

const differences = async (dir: string) =>
  (await compareWithLock(dir, await readLock(dir))).map(({ path }) => path);

test('hubwright card locks what its author edited: prose of the card, and the settings that it is made from', async () => {
  const dir = workshop.copy();
  editText(dir, 'README.md', (text) => `${text}\nA last word of the author's.\n`);
  editJson(dir, 'hubwright.json', (config) => {
    config.license = 'mit';
  });
  expect(await differences(dir)).toEqual(['README.md', 'hubwright.json']);
  expect((await runCli(['card', dir])).code).toBe(0);
  expect(await differences(dir)).toEqual([]);
  const card = readFileSync(join(dir, 'README.md'), 'utf8');
  expect(card).toContain('license: mit');
  expect(card).toContain("A last word of the author's.");

  // An edit beside the tool's own text leaves nothing to write, and is locked all the same.
  editText(dir, 'README.md', (text) => text.replace('A last word', 'The last word'));
  expect((await runCli(['card', dir])).stdout).toContain('was up to date');
  expect(await differences(dir)).toEqual([]);
});

test('what else was changed still differs from the lock', async () => {
  const dir = workshop.copy();
  editText(dir, 'test_metrics.json', (text) => `${text} `);
  expect((await runCli(['card', dir])).code).toBe(0);
  expect(await differences(dir)).toEqual(['test_metrics.json']);
});
