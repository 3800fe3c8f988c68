import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { readLock, writeLock } from '../../src/bundle.ts';
import { loadConfig } from '../../src/config.ts';
import { exportOnnx } from '../../src/export/index.ts';
import { writeVariant } from '../../src/export/variants/write.ts';
import { ModelProtoSchema } from '../../src/graph/generated/onnx_pb.ts';
import { listExternalFiles } from '../../src/graph/stored-tensors.ts';
import type { VerificationReport } from '../../src/verification.ts';
import { verify } from '../../src/verify/index.ts';
import { catchError } from '../fixtures/caught.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';
import { makeUnknownRun, type UnknownRun } from '../fixtures/unknown-run.ts';

async function assembleOwn({ dir, onnx }: UnknownRun, file: string | undefined = onnx): Promise<string> {
  const outDir = `${dir}-bundle`;
  const config = await loadConfig(join(dir, 'hubwright.json'));
  await assemble(dir, { config: { ...config, repo: 'me/bag' }, outDir, onnx: file });
  return outDir;
}

const statusOf = (report: VerificationReport, rule: string) =>
  report.checks.find((check) => check.rule === rule)?.status;

describe('a model that no architecture explains', () => {
  test('is refused with what is supported, and how to bring an ONNX file', async () => {
    const run = await makeUnknownRun();
    const config = await loadConfig(join(run.dir, 'hubwright.json'));
    const error = await catchError(assemble(run.dir, { config, outDir: `${run.dir}-bundle` }));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toBe('config.json: model_type "bag-of-words" is not one that can be exported');
    expect(error.hint).toMatch(/^supported: modernbert, bert, .*; for any other, .*--onnx <file>$/);
  });

  test('is assembled around its own ONNX file, and verified by it', async () => {
    const bundle = await assembleOwn(await makeUnknownRun());
    expect(listExternalFiles(readFileSync(join(bundle, 'model.onnx')), 'model.onnx')).toEqual([
      'model.onnx_data',
    ]);
    expect(existsSync(join(bundle, 'modeling_reward.py'))).toBe(false);
    const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      model_type: 'bag-of-words',
      architectures: ['BagOfWordsForSequenceClassification'],
      problem_type: 'multi_label_classification',
      id2label: { '0': 'REWARD' },
    });
    expect(JSON.parse(readFileSync(join(bundle, 'hubwright.json'), 'utf8')).onnx.file).toBe('model.onnx');
    const card = readFileSync(join(bundle, 'README.md'), 'utf8');
    expect(card).toContain('allow_patterns=["model.onnx", "model.onnx_data"');
    expect(card).toContain('AutoModelForSequenceClassification');
    expect(card).not.toContain('modeling_reward');

    // A bag of random words is a poor model; nothing else is wrong with it.
    const report = await verify(bundle, {
      ignore: ['beats-mean', 'scores-direction'].map((rule) => ({ rule, reason: 'random weights' })),
    });
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.ok).toBe(true);
    expect(statusOf(report, 'onnx-weights')).toBe('pass');
    expect(statusOf(report, 'metrics-recompute')).toBe('pass');
    expect(statusOf(report, 'tensors-config')).toBe('skip');
  });

  test('is recorded as made from that file, and from the weights and the code that lay beside it', async () => {
    const run = await makeUnknownRun();
    writeFileSync(join(run.dir, 'modeling_bag.py'), 'class BagConfig: ...\n');
    const path = join(run.dir, 'config.json');
    const settings = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...settings, auto_map: { AutoConfig: 'modeling_bag.BagConfig' } }));
    const { origin } = await readLock(await assembleOwn(run));
    const names = origin?.inputs.map((input) => input.path) ?? [];
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['bag.onnx', 'model.safetensors', 'modeling_bag.py']));
    expect(names).not.toContain('model.onnx_data');
  });

  test('may name that file in hubwright.json', async () => {
    const run = await makeUnknownRun();
    const path = join(run.dir, 'hubwright.json');
    const settings = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...settings, onnx: { file: 'bag.onnx' } }));
    const config = await loadConfig(path);
    await assemble(run.dir, { config, outDir: `${run.dir}-bundle` });
    expect(existsSync(join(`${run.dir}-bundle`, 'model.onnx_data'))).toBe(true);
  });

  test('fails when the weights are not those of the graph', async () => {
    const bundle = await assembleOwn(await makeUnknownRun());
    const path = join(bundle, 'model.safetensors');
    const bytes = readFileSync(path);
    bytes.writeFloatLE(0.25, bytes.length - 8);
    writeFileSync(path, bytes);
    await writeLock(bundle);
    const report = await verify(bundle);
    expect(report.ok).toBe(false);
    expect(
      report.findings.filter(({ rule }) => rule === 'onnx-weights').map(({ message }) => message),
    ).toEqual(["does not hold the values of 1 of the checkpoint's 3 tensors: classifier.weight"]);
  });
});

test('an own file for an architecture that is known leaves every rule running', async () => {
  const dir = copySampleRun();
  const checkpoint = await exportOnnx(dir, { pooling: 'mean' });
  await writeVariant(dir, 'fp32', checkpoint, { pooling: 'mean' });
  const bundle = await assembleOwn({ dir, onnx: join(dir, 'onnx/model.onnx') });
  expect(existsSync(join(bundle, 'modeling_reward.py'))).toBe(true);
  const report = await verify(bundle);
  expect(report.findings).toEqual([]);
  const passed = ['onnx-weights', 'tensors-config', 'code-matches', 'metrics-recompute'];
  expect(passed.map((rule) => statusOf(report, rule))).toEqual(Array(4).fill('pass'));

  // The same graph, but for one digit of one weight.
  const path = join(bundle, 'model.onnx_data');
  const bytes = readFileSync(path);
  bytes.writeFloatLE(bytes.readFloatLE(4000) * 1.001, 4000);
  writeFileSync(path, bytes);
  await writeLock(bundle);
  expect(statusOf(await verify(bundle, { cheap: true }), 'onnx-weights')).toBe('fail');
});

describe('an ONNX file is refused', () => {
  test('that is none', async () => {
    const run = await makeUnknownRun();
    writeFileSync(run.onnx, 'not ONNX');
    expect((await catchError(assembleOwn(run))).message).toMatch(/bag\.onnx .*it cannot be read as ONNX/);
    expect(existsSync(`${run.dir}-bundle`)).toBe(false);
  });

  test('that is not there', async () => {
    const run = await makeUnknownRun();
    const error = await catchError(assembleOwn(run, join(run.dir, 'other.onnx')));
    expect(error.message).toContain('other.onnx');
  });

  test('that was moved without its weights', async () => {
    const run = await makeUnknownRun();
    const moved = join(run.dir, 'elsewhere', 'bag.onnx');
    mkdirSync(join(run.dir, 'elsewhere'));
    renameSync(run.onnx, moved);
    const error = await catchError(assembleOwn(run, moved));
    expect([error.code, error.message]).toEqual([
      'INPUT_MISSING',
      `${moved} reads its weights from ${join(run.dir, 'elsewhere', 'model.safetensors')}, which is not there`,
    ]);
  });

  test.each([
    [
      'that takes more than readers give',
      'attention_mask',
      'token_type_ids',
      /takes no attention_mask; wants token_type_ids too/,
    ],
    ['whose output has another name', 'logits', 'scores', /gives scores, and no logits/],
  ])('%s', async (_, name, other, message) => {
    const run = await makeUnknownRun();
    writeFileSync(run.onnx, renameValue(readFileSync(run.onnx), name, other));
    const error = await catchError(assembleOwn(run));
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('torch.onnx.export');
  });

  test('with paths that leave its folder', async () => {
    const run = await makeUnknownRun();
    const model = fromBinary(ModelProtoSchema, readFileSync(run.onnx));
    for (const { externalData } of model.graph!.initializer)
      for (const entry of externalData) if (entry.key === 'location') entry.value = '../../etc/passwd';
    writeFileSync(run.onnx, toBinary(ModelProtoSchema, model));
    expect((await catchError(assembleOwn(run))).message).toMatch(
      /"\.\.\/\.\.\/etc\/passwd", which is not beside it/,
    );
  });

  test('for a class whose code nobody has', async () => {
    const run = await makeUnknownRun();
    const path = join(run.dir, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...config, architectures: ['Bag'] }));
    expect((await catchError(assembleOwn(run))).message).toMatch(/must name a …ForSequenceClassification/);
  });
});

/** Gives an input or output another name, and the nodes that use it too. */
function renameValue(bytes: Uint8Array, name: string, other: string): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { input, output, node } = model.graph!;
  const rename = (value: string) => (value === name ? other : value);
  for (const info of [...input, ...output]) info.name = rename(info.name);
  for (const one of node) {
    one.input = one.input.map(rename);
    one.output = one.output.map(rename);
  }
  return toBinary(ModelProtoSchema, model);
}
