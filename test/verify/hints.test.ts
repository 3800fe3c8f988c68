import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verify } from '../../src/verify/index.ts';
import { editText, openWorkshop, type Workshop } from './bundle-fixture.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.dispose());

/** What to type next, by file and in the order told. */
async function hintsOf(rule: string, damage: (dir: string) => void): Promise<[string, string | undefined][]> {
  const dir = workshop.copy();
  damage(dir);
  const { findings } = await verify(dir, { only: ['required-files', rule] });
  return findings.map(({ path, hint }) => [path, hint]);
}

test('lock-intact says how each kind of difference is undone', async () => {
  const again =
    'if the change is wanted, make it in the run folder and assemble again: hubwright assemble <run-dir> --out <bundle>; if not, undo it';
  const hints = await hintsOf('lock-intact', (dir) => {
    editText(dir, 'config.json', (text) => `${text}\n`);
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    rmSync(join(dir, 'tokenizer_config.json'));
  });
  expect(new Map(hints)).toEqual(
    new Map([
      ['config.json', again],
      ['notes.txt', 'remove it: only what assemble put there is published'],
      ['tokenizer_config.json', again],
    ]),
  );
});

test('card-snippets says what to name, where, and what to type then', async () => {
  const hints = await hintsOf('card-snippets', (dir) =>
    appendFileSync(join(dir, 'README.md'), '\n```python\nAutoModel.from_pretrained("someone/else")\n'),
  );
  expect(hints).toEqual([
    [
      'README.md',
      'name this model in README.md where you wrote that yourself, and assemble again: hubwright assemble <run-dir> --repo <owner/name> --out <bundle>',
    ],
    ['README.md', 'close it, and assemble again: hubwright assemble <run-dir> --out <bundle>'],
  ]);
});
