import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { editText } from '../bundle-fixture.ts';
import { fails, passes, type RuleCase, warns } from './rule-case.ts';

/** Adds a file, with the folders above it. */
export function addFile(dir: string, path: string, content: string | Uint8Array = 'x'): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 596000000\n`;

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
    'lfs-pointers',
    'weights and a CSV',
    (dir) => {
      addFile(dir, 'model.safetensors', POINTER);
      addFile(dir, 'train_set.csv', POINTER);
    },
    [/model\.safetensors: is a git-LFS pointer/, /train_set\.csv: is a git-LFS pointer/],
  ),
  fails(
    'file-types',
    'a web page, a program and an archive',
    (dir) => {
      addFile(dir, 'model.safetensors', '<!DOCTYPE html><title>404</title>');
      addFile(dir, 'tool', Buffer.from('\x7fELF\x02\x01', 'latin1'));
      addFile(dir, 'notes.txt', Buffer.from('PK\x03\x04', 'latin1'));
      addFile(dir, 'picture.png', 'GIF89a');
    },
    [
      'model.safetensors: is an HTML page',
      'notes.txt: is a zip archive',
      'picture.png: is not a PNG picture, as its name says',
      'tool: is an ELF program',
    ],
  ),
  passes('file-types', 'a report in HTML', (dir) => addFile(dir, 'report.html', '<!doctype html><p>x')),
  warns(
    'file-names',
    'reserved, forbidden and trailing',
    (dir) => {
      addFile(dir, 'aux.txt');
      addFile(dir, 'what?.txt');
      addFile(dir, 'note.');
    },
    [
      'aux.txt: has a name that Windows keeps for itself',
      'note.: ends with a dot or a space, which Windows drops',
      'what?.txt: holds ?, which Windows does not allow in a name',
    ],
  ),
  fails('file-names', 'names that differ in case', (dir) => addFile(dir, 'readme.md'), [
    'readme.md: is the same name as README.md on Windows and macOS: one would overwrite the other',
  ]),
  warns(
    'stray-files',
    'what Trainer and tools leave',
    (dir) => {
      addFile(dir, 'checkpoint-500/optimizer.pt');
      addFile(dir, 'checkpoint-500/rng_state.pth');
      addFile(dir, 'events.out.tfevents.1700000000.host.1.0');
      addFile(dir, 'logs/.DS_Store');
      addFile(dir, 'optimizer.pt');
      addFile(dir, '.env');
    },
    [
      '.env: is where credentials are kept, not part of a model',
      'checkpoint-500/: is a checkpoint of the training run (2 files), not part of a model',
      'events.out.tfevents.1700000000.host.1.0: is a TensorBoard log, not part of a model',
      "logs/.DS_Store: is the operating system's, not part of a model",
      "optimizer.pt: is the optimizer's state, not part of a model",
    ],
  ),
  fails(
    'json-strict',
    'a byte-order mark, and keys that come twice',
    (dir) => editText(dir, 'config.json', (text) => `\uFEFF${text.replace('{', '{\n  "hidden_size": 64,')}`),
    [
      "config.json: line 1 begins with a byte-order mark, at which Python's json fails",
      'config.json: line 21 gives the key "hidden_size" twice',
    ],
  ),
  fails(
    'json-strict',
    'NaN',
    (dir) => editText(dir, 'test_metrics.json', (text) => text.replace(/"mse": [\d.]+/, '"mse": NaN')),
    ['test_metrics.json: test_metrics.json, line 2, column 10: holds NaN, which is not JSON'],
  ),
  fails(
    'weights-pickle-free',
    'a pickle beside the weights',
    (dir) => {
      cpSync(join(dir, 'training_args.bin'), join(dir, 'pytorch_model.bin'));
      addFile(dir, 'extra/head.pt');
    },
    [
      'extra/head.pt: has a form that can run code when it is loaded',
      'pytorch_model.bin: has a form that can run code when it is loaded',
    ],
  ),
];
