import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editText } from '../bundle-fixture.ts';
import { fails, type RuleCase } from './rule-case.ts';

export const FILE_CASES: readonly RuleCase[] = [
  fails('required-files', 'no card', (dir) => rmSync(join(dir, 'README.md')), ['README.md: is missing']),
  fails('required-files', 'an empty file', (dir) => writeFileSync(join(dir, 'tokenizer.json'), ''), [
    'tokenizer.json: is empty',
  ]),
  fails(
    'lock-intact',
    'an edit, an addition and a removal',
    (dir) => {
      editText(dir, 'README.md', (text) => `${text}\n`);
      writeFileSync(join(dir, 'notes.txt'), 'mine');
      rmSync(join(dir, 'special_tokens_map.json'));
    },
    [
      /README\.md: was changed: sha256 is \w{12}…, the lock says \w{12}…/,
      'notes.txt: is in the bundle and not in the lock',
      'special_tokens_map.json: is in the lock and not in the bundle',
    ],
    { unlocked: true },
  ),
  fails(
    'json-strict',
    'NaN',
    (dir) => editText(dir, 'test_metrics.json', (text) => text.replace(/"mse": [\d.]+/, '"mse": NaN')),
    ['test_metrics.json: test_metrics.json, line 2, column 10: holds NaN, which is not JSON'],
  ),
];
