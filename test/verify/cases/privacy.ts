import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { editText } from '../bundle-fixture.ts';
import { addFile } from './files.ts';
import { fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

/** Assembled here, so that no scanner takes this file for one that holds a credential. */
const TOKEN = ['hf', 'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi'].join('_');

/** A pickle of protocol 2 that calls `module.name` with one text. */
export function pickleCall(module: string, name: string, argument: string): Buffer {
  return Buffer.from(
    `\x80\x02c${module}\n${name}\nX${String.fromCharCode(argument.length)}\0\0\0${argument}\x85R.`,
    'latin1',
  );
}

/** An archive as torch.save makes it. */
export const torchArchive = (pickle: Buffer) =>
  zipSync({
    'archive/data.pkl': [pickle, { level: 0 }],
    'archive/version': [Buffer.from('3\n'), { level: 0 }],
  });

export const PRIVACY_CASES: readonly RuleCase[] = [
  fails(
    'secrets',
    'a token in the card and in a config',
    (dir) => {
      editText(dir, 'README.md', (text) => `${text}\nlogin(token="${TOKEN}")\n`);
      addFile(dir, 'notes.txt', `first\nHF_TOKEN=${TOKEN}\n`);
    },
    [/README\.md: line \d+ holds a Hugging Face token/, 'notes.txt: line 2 holds a Hugging Face token'],
  ),
  warns(
    'personal-paths',
    'a home folder, a scratch folder and a host',
    (dir) => {
      addFile(dir, 'notes.txt', 'trained in /home/jdoe/runs/42\n');
      addFile(dir, 'run.log', 'ok\nsaved to /scratch/jdoe/out\n');
      addFile(dir, 'run.yaml', 'name: Jan31_23-59-59_gpu17\n');
    },
    [
      'notes.txt: line 1 names a home folder: /home/jdoe',
      'run.log: line 2 names a folder of one machine: /scratch/jdoe/o',
      "run.yaml: line 1 names a machine's name: Jan31_23-59-59_gpu17",
    ],
  ),
  passes('personal-paths', 'the home of nobody', (dir) => addFile(dir, 'notes.txt', 'cd /home/user/model\n')),
  warns(
    'personal-data',
    'addresses and numbers',
    (dir) => {
      addFile(
        dir,
        'notes.csv',
        'a\nwrite to jane.roe@firm-mail.de or john@firm-mail.de\n+49 30 1234 5678\n4111 1111 1111 1111\nDE89 3704 0044 0532 0130 00\n',
      );
    },
    [
      'notes.csv: line 2 holds an e-mail address, and 1 more of the kind',
      'notes.csv: line 3 holds a phone number',
      'notes.csv: line 4 holds a card number',
      'notes.csv: line 5 holds a bank account',
    ],
  ),
  passes('personal-data', 'examples, and digits that only look like it', (dir) =>
    addFile(
      dir,
      'notes.csv',
      'a\nme@example.com\n4111 1111 1111 1112\nDE00 3704 0044 0532 0130 00\n1.5e+10\n',
    ),
  ),
  fails(
    'pickle-safety',
    'a program in training_args.bin',
    (dir) => addFile(dir, 'training_args.bin', torchArchive(pickleCall('posix', 'system', 'id'))),
    [
      'training_args.bin: imports posix.system, which picklescan and fickling flag too',
      'training_args.bin: holds something else than training arguments',
    ],
  ),
  fails(
    'pickle-safety',
    'one that only fickling knows, and one that nobody does',
    (dir) => {
      addFile(dir, 'a.pkl', pickleCall('tarfile', 'open', 'x'));
      addFile(dir, 'b.pkl', pickleCall('some.plugin', 'run', 'x'));
      addFile(dir, 'c.pkl', Buffer.from('\x80\x04cut off', 'latin1'));
    },
    [
      'a.pkl: imports tarfile.open, which fickling flags too',
      'b.pkl: imports some.plugin.run, which is on no list of harmless imports',
      /c\.pkl: cannot be read, and so not be trusted: /,
    ],
  ),
  skips(
    'pickle-safety',
    'no pickle',
    (dir) => rmSync(join(dir, 'training_args.bin')),
    'the bundle holds no pickle',
  ),
  fails(
    'training-args-leaks',
    'a token in training_args.bin',
    (dir) => editBytes(dir, 'training_args.bin', TOKEN),
    ['training_args.bin: holds a credential'],
  ),
];

/** Writes training arguments whose one value is a text. */
function editBytes(dir: string, file: string, value: string): void {
  addFile(dir, file, torchArchive(pickleCall('collections', 'OrderedDict', value)));
}
