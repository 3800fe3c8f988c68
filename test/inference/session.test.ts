import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGraph } from '../../src/graph/graph.ts';
import { openSession } from '../../src/inference/session.ts';
import { catchError } from '../fixtures/caught.ts';
import { exportSampleRun } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

async function expectRefusal(path: string, message: RegExp): Promise<void> {
  const error = await catchError(openSession(path));
  expect([error.code, error.hint]).toEqual(['INFERENCE', 'export it again: hubwright export <bundle>']);
  expect(error.message).toContain(path);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
}

describe('a model that cannot be loaded is refused by its path', () => {
  test('no file', () => expectRefusal(join(makeTempDir(), 'model.onnx'), /cannot load/));

  test('a file that is no ONNX', async () => {
    const path = join(makeTempDir(), 'model.onnx');
    writeFileSync(path, 'version https://git-lfs.github.com/spec/v1\n');
    await expectRefusal(path, /cannot load/);
  });

  test('no weights beside it', async () => {
    const dir = await exportSampleRun();
    rmSync(join(dir, 'model.safetensors'));
    await expectRefusal(join(dir, 'model.onnx'), /cannot load/);
  });

  test('truncated weights beside it', async () => {
    const dir = await exportSampleRun();
    truncateSync(join(dir, 'model.safetensors'), 100_000);
    await expectRefusal(join(dir, 'model.onnx'), /cannot load/);
  });
});

test.each([
  [['input_ids'], 'logits'],
  [['input_ids', 'attention_mask', 'token_type_ids'], 'logits'],
  [['input_ids', 'attention_mask'], 'scores'],
])('a model that takes %j and gives %s is refused', async (inputs, output) => {
  const graph = createGraph();
  for (const name of inputs) graph.input(name, 'int64', ['batch', 'sequence']);
  graph.output(output, graph.op('Cast', ['input_ids'], { to: { int: 1 } }), 'float32', ['batch', 'sequence']);
  const path = join(makeTempDir(), 'model.onnx');
  const facts = { name: 'g', weightsFile: 'x', producerVersion: '0', metadata: {} };
  writeFileSync(path, graph.toBytes(facts));
  await expectRefusal(path, /takes .* and gives .*; expected input_ids, attention_mask and logits/);
});

test('a token beyond the vocabulary fails with the size of the batch', async () => {
  const dir = await exportSampleRun();
  const session = await openSession(join(dir, 'model.onnx'));
  const batch = {
    rows: 1,
    length: 2,
    inputIds: new BigInt64Array([1n, 10n ** 9n]),
    attentionMask: new BigInt64Array([1n, 1n]),
  };
  const error = await catchError(session.run(batch, ['logits']));
  expect(error.code).toBe('INFERENCE');
  expect(error.message).toMatch(/model\.onnx: a batch of 1 × 2 tokens failed: /);
  await session.release();
});
