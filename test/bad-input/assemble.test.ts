import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { readFolderState } from '../fixtures/folder-state.ts';
import { writeRawSafetensors } from '../fixtures/safetensors-writer.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hubwright-test-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WEIGHTS = 'model.safetensors';

/** Replaces the header of the weights by a change of itself; the data stays. */
function editHeader(run: string, change: (header: Record<string, { data_offsets: number[] }>) => void): void {
  const path = join(run, WEIGHTS);
  const file = readFileSync(path);
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, end));
  change(header);
  writeFileSync(path, writeRawSafetensors(JSON.stringify(header), file.subarray(end)));
}

function editText(run: string, name: string, change: (text: string) => string): void {
  const path = join(run, name);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** Sets the label, the last cell, of the first data row that is one line. */
const setLabel = (text: string, label: string) => text.replace(/(\n[^"\n]+,)[\d.]+(?=\n)/, `$1${label}`);

type Damage = (run: string) => void;
type Case = [damage: Damage, says: RegExp[], hint: RegExp];

const CASES: Record<string, Case> = {
  'an empty folder': [
    (run) => {
      rmSync(run, { recursive: true });
      mkdirSync(run);
    },
    [/hubwright\.json is not there/],
    /write one: \{"input"/,
  ],
  'a folder that holds the config alone': [
    (run) => {
      rmSync(run, { recursive: true });
      mkdirSync(run);
      cpSync(join(SAMPLE_RUN, 'hubwright.json'), join(run, 'hubwright.json'));
    },
    [/has no model\.safetensors, tokenizer\.json, tokenizer_config\.json, test_metrics\.json, test_set\.csv/],
    /trainer\.save_model/,
  ],
  'no weights': [
    (run) => rmSync(join(run, WEIGHTS)),
    [/run folder .* has no model\.safetensors/],
    /save_model/,
  ],
  'truncated weights': [
    (run) => truncateSync(join(run, WEIGHTS), 500_000),
    [/model\.safetensors is truncated: tensor \S+ ends at byte \d+, the file has 500000/],
    /copy the file again/,
  ],
  'weights cut inside their header': [
    (run) => truncateSync(join(run, WEIGHTS), 100),
    [/model\.safetensors announces a header of \d+ bytes and has only 100/],
    /copy the file again/,
  ],
  'a git-LFS pointer for weights': [
    (run) =>
      writeFileSync(
        join(run, WEIGHTS),
        `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`,
      ),
    [/model\.safetensors is a git-LFS pointer/],
    /git lfs pull/,
  ],
  'a header of 10 GB': [
    (run) => writeFileSync(join(run, WEIGHTS), writeRawSafetensors('{}', Buffer.alloc(9), 10_000_000_000n)),
    [/model\.safetensors announces a header of 10000000000 bytes; at most 100000000/],
    /save the weights again/,
  ],
  'overlapping tensors': [
    (run) =>
      editHeader(run, ({ 'regressor.bias': bias, 'regressor.weight': weight }) => {
        weight!.data_offsets = weight!.data_offsets.map(
          (at) => at - bias!.data_offsets[1]! + bias!.data_offsets[0]!,
        );
      }),
    [/model\.safetensors: tensor regressor\.weight: begins at byte \d+ .* they overlap/],
    /save the weights again/,
  ],
  'offsets beyond the file': [
    (run) =>
      editHeader(run, ({ 'regressor.bias': bias }) => {
        bias!.data_offsets = [2 ** 40, 2 ** 40 + 4];
      }),
    [/model\.safetensors: tensor \S+: begins at byte \d+ .* belong to no tensor/],
    /save the weights again/,
  ],
  'weights of another layer count': [
    (run) =>
      editText(run, 'config.json', (text) =>
        text.replace(/"layer_types": \[[^\]]*\],\s*/, '').replace(/("num_hidden_layers": )\d+/, '$19'),
      ),
    [/model\.safetensors: tensor encoder\.layers\.\d\.\S+ \[.*\] is missing/],
    /config\.json must describe this very model/,
  ],
  'a config.json of another kind of model': [
    (run) =>
      editText(run, 'config.json', (text) => text.replace(/("hidden_activation": )"gelu"/, '$1"silu"')),
    [/config\.json: hidden_activation: /],
    /config\.json that the encoder was trained with/,
  ],
  'a test split without the label column': [
    (run) => editText(run, 'test_set.csv', (text) => text.replace('similarity_with_penalty', 'similarity')),
    [/test_set\.csv has no column "similarity_with_penalty"; its columns: .*similarity$/m],
    /input\.label in hubwright\.json/,
  ],
  'a test split without a template column': [
    (run) => editText(run, 'test_set.csv', (text) => text.replace('reasoning', 'thoughts')),
    [/test_set\.csv has no column reasoning, which input\.template names; its columns: .*thoughts/],
    /input\.template in hubwright\.json/,
  ],
  'a label of 1.7': [
    (run) => editText(run, 'train_set.csv', (text) => setLabel(text, '1.7')),
    [/train_set\.csv, row \d+ \(line \d+\): similarity_with_penalty is 1\.7; expected a number from 0 to 1/],
    /mend that row/,
  ],
  'a label in words': [
    (run) => editText(run, 'eval_set.csv', (text) => setLabel(text, 'good')),
    [/eval_set\.csv, row \d+ \(line \d+\): similarity_with_penalty is "good"; a number was expected/],
    /mend that row/,
  ],
  'a ragged row': [
    (run) => editText(run, 'test_set.csv', (text) => `${text}a,b\n`),
    [/test_set\.csv, row \d+ \(line \d+\) has 2 cells, the header names \d+ columns/],
    /DataFrame\.to_csv/,
  ],
  'a CSV in Latin-1': [
    (run) => writeFileSync(join(run, 'test_set.csv'), Buffer.from('id,sql\n1,caf\u00e9\n', 'latin1')),
    [/test_set\.csv, line 2: not UTF-8/],
    /encoding="utf-8"/,
  ],
  'an empty CSV': [
    (run) => writeFileSync(join(run, 'test_set.csv'), ''),
    [/test_set\.csv is empty; a header line was expected/],
    /DataFrame\.to_csv|test_set/,
  ],
  'metrics with NaN': [
    (run) => editText(run, 'test_metrics.json', (text) => text.replace(/("r2": )[\d.]+/, '$1NaN')),
    [/test_metrics\.json, line \d+, column \d+: holds NaN, which is not JSON/],
    /compute it again, or write null/,
  ],
  'metrics that are no JSON': [
    (run) => editText(run, 'test_metrics.json', (text) => text.slice(0, -4)),
    [/test_metrics\.json, line \d+, column \d+: is not valid JSON/],
    /mend that line/,
  ],
  'metrics that are a list': [
    (run) => writeFileSync(join(run, 'test_metrics.json'), '[0.02]'),
    [/test_metrics\.json holds a list; an object .* was expected/],
    /as one JSON object/,
  ],
  'a tokenizer.json that is a stub': [
    (run) => writeFileSync(join(run, 'tokenizer.json'), '{}'),
    [/tokenizer\.json cannot be used: /],
    /save_pretrained/,
  ],
  'a tokenizer_config.json with a comment': [
    (run) => editText(run, 'tokenizer_config.json', (text) => text.replace('{', '{ // mine')),
    [/tokenizer_config\.json, line 1, column 3: is not valid JSON/],
    /mend that line/,
  ],
  'predictions of other rows': [
    (run) => editText(run, 'test_predictions.csv', (text) => text.split('\n').toSpliced(1, 1).join('\n')),
    [/test_predictions\.csv has \d+ rows, the test split \d+/],
    /write the predictions again/,
  ],
  'a config that is no JSON': [
    (run) => writeFileSync(join(run, 'hubwright.json'), "{'input': 1}"),
    [/hubwright\.json, line 1, column 2: is not valid JSON/],
    /mend that line/,
  ],
  'a misspelt key in the config': [
    (run) => editText(run, 'hubwright.json', (text) => text.replace('"license"', '"licence"')),
    [/hubwright\.json: unknown key licence \(did you mean license\?\)/],
    /docs\/config\.md/,
  ],
};

describe.concurrent('hubwright assemble', () => {
  test.each(Object.entries(CASES))('refuses %s in one clear message', async (name, [damage, says, hint]) => {
    const folder = join(root, name.replaceAll(' ', '-'));
    const run = join(folder, 'run');
    cpSync(SAMPLE_RUN, run, { recursive: true });
    damage(run);
    const before = readFolderState(folder);
    const { code, stdout, stderr } = await runCli(['assemble', 'run', '--out', 'out/bundle'], {
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    if (lines[0] === 'assembling run') lines.shift();
    expect(lines[0]).toMatch(/^✖ /);
    for (const part of says) expect(lines[0]).toMatch(part);
    expect(lines[1]).toMatch(/^ {2}hint: /);
    expect(lines[1]).toMatch(hint);
    expect(lines.length).toBe(2);
    expect(readFolderState(folder)).toEqual(before);
  });
});
