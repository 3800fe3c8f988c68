import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { editJson, editTensor, editText, openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { leak } from '../verify/cases/data.ts';
import { pickleCall, torchArchive } from '../verify/cases/privacy.ts';
import { makeSmallRun } from '../verify/catalogue/small-run.ts';
import { runCli } from './run-cli.ts';

/** Assembled here, so that no scanner takes this file for one that holds a credential. */
const TOKEN = ['hf', 'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi'].join('_');
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1417868\n`;

/** What goes wrong in practice, each with the words by which its reader must see it. */
const DAMAGES: readonly {
  readonly name: string;
  readonly damage: (dir: string) => void | Promise<void>;
  /** Of the output: what is wrong, where, and what to type. */
  readonly says: readonly RegExp[];
}[] = [
  {
    name: 'one sign in the head',
    damage: (dir) =>
      editTensor(dir, 'regressor.weight', (values) => {
        values[0] = -(values[0] ?? 0);
      }),
    says: [/test_predictions\.csv: \d+ of 68 rows differ/, /→ .*other weights/],
  },
  {
    name: 'the tokenizer of another model',
    damage: (dir) =>
      editJson(dir, 'tokenizer.json', (tokenizer) => {
        const { vocab } = tokenizer.model as { vocab: Record<string, number> };
        const names = Object.keys(vocab);
        for (const [i, name] of names.entries()) if (i > 10) vocab[name] = names.length + 10 - i;
      }),
    says: [/test_predictions\.csv: 68 of 68 rows differ/, /→ .*another tokenizer/],
  },
  {
    name: 'a digit of a metric',
    damage: (dir) =>
      editJson(dir, 'test_metrics.json', (metrics) => {
        metrics.mae = Number(metrics.mae) + 0.01;
      }),
    says: [/✖ {2}mae/, /→ .*/],
  },
  {
    name: 'a test row in the training split',
    damage: leak('test_set.csv', 'train_set.csv'),
    says: [/test_set\.csv: .*train_set\.csv/, /→ .*/],
  },
  {
    name: 'weights cut off',
    damage: (dir) => truncateSync(join(dir, 'model.safetensors'), 900_000),
    says: [/model\.safetensors/, /→ .*/],
  },
  {
    name: 'an LFS pointer for the weights',
    damage: (dir) => writeFileSync(join(dir, 'model.safetensors'), POINTER),
    says: [/model\.safetensors: .*pointer/, /→ .*git lfs pull/],
  },
  {
    name: 'a card of an earlier run',
    damage: (dir) => editText(dir, 'README.md', (text) => text.replace(/(\| MSE \| 0\.0)(\d)/, '$19')),
    says: [/README\.md: line \d+, MSE/, /→ .*hubwright card/],
  },
  {
    name: 'a problem type by which the sigmoid is lost',
    damage: (dir) =>
      editJson(dir, 'config.json', (config) => {
        config.problem_type = 'regression';
      }),
    says: [/config\.json: problem_type/, /→ .*/],
  },
  {
    name: 'a pickle that runs a program',
    damage: (dir) =>
      writeFileSync(join(dir, 'training_args.bin'), torchArchive(pickleCall('posix', 'system', 'id'))),
    says: [/training_args\.bin: imports posix\.system/, /→ .*/],
  },
  {
    name: 'a token in a text file',
    damage: (dir) => writeFileSync(join(dir, 'notes.txt'), `login with ${TOKEN}\n`),
    says: [/notes\.txt, line 1: .*Hugging Face token/, /→ .*revoke/],
  },
];

let root: string;
let workshop: Workshop;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'hubwright-damaged-'));
  const run = await makeSmallRun();
  workshop = await openWorkshop(run.dir);
  run.dispose();
});
afterAll(() => {
  workshop.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** Without the rules that passed, the noise of another machine's arithmetic, and folders of this run. */
function normalise(text: string): string {
  return (
    text
      .replaceAll(root, '')
      .replace(/^✔ (?:.*\n(?: {2}.*\n)*)/gm, '')
      .replace(/\d+ passed/, '<n> passed')
      .replace(/\d\.\d{4,}(e-\d+)?/g, '<number>')
      .replace(/\d\.\de-\d+/g, '<number>')
      // Columns are as wide as their numbers.
      .replace(/^[✖!] {2}\S.*$/gm, (line) => line.replace(/ {2,}/g, '  '))
      .replace(/^ {3}metric.*$/gm, (line) => line.replace(/ {2,}/g, '  '))
      .replace(/ +$/gm, '')
  );
}

describe('verify of ten damaged bundles, as a reader sees it', () => {
  test.each(DAMAGES)('$name', async ({ name, damage, says }) => {
    const dir = join(root, 'bundle');
    rmSync(dir, { recursive: true, force: true });
    cpSync(workshop.clean, dir, { recursive: true });
    await damage(dir);
    await writeLock(dir);
    const { code, stdout, stderr } = await runCli(['verify', 'bundle'], { cwd: root });
    expect(code).toBe(1);
    const flat = stdout.replace(/\n {2,}(?!→)/g, ' ');
    for (const part of says) expect(flat).toMatch(part);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(readFileSync(join(dir, 'verification.json'), 'utf8')).not.toContain(TOKEN);
    await expect(`# ${name}\n\n\`\`\`\n${normalise(stdout).trim()}\n\`\`\`\n`).toMatchFileSnapshot(
      `snapshots/damaged/${name.replaceAll(' ', '-')}.md`,
    );
  });
});
