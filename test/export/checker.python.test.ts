import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx, exportOnnx } from '../../src/export/index.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { TINY_CONFIG, tinyHeader, tinyTensors, writeTiny } from '../fixtures/tiny-checkpoint.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';

interface Answer {
  opset: number;
  logits: (string | number)[];
  embedded_bytes: number;
  weights: Record<string, number>;
  operators: string[];
}

const askOnnx = (path: string) => JSON.parse(runOracle('check_onnx.py', [path])) as Answer;

describe.skipIf(PYTHON === undefined)(`the checker of the onnx package${WITHOUT_PYTHON}`, () => {
  test('accepts the sample model, and reads the weights where the graph says they are', async () => {
    const dir = copySampleRun();
    await exportOnnx(dir, { pooling: 'mean' });
    const answer = askOnnx(join(dir, 'model.onnx'));
    expect([answer.opset, answer.logits]).toEqual([23, ['batch', 1]]);
    expect(answer.embedded_bytes).toBeLessThan(1000);
    expect(answer.operators).toEqual(
      expect.arrayContaining([
        'Attention',
        'com.microsoft.MultiHeadAttention',
        'RotaryEmbedding',
        'LayerNormalization',
      ]),
    );

    const bytes = readFileSync(join(dir, 'model.safetensors'));
    const { tensors } = await readSafetensorsHeader(join(dir, 'model.safetensors'));
    for (const [name, { offset, byteLength }] of tensors) {
      const parts = Object.entries(answer.weights).filter(
        ([key]) => key === name || key.startsWith(`${name}[`),
      );
      const actual = parts.reduce((sum, [, part]) => sum + part, 0);
      let expected = 0;
      for (let at = offset; at < offset + byteLength; at += 4) expected += bytes.readFloatLE(at);
      expect(Math.abs(actual - expected), name).toBeLessThan(1e-2);
    }
  });

  test.each(['mean', 'cls'] as const)('accepts a tiny model with %s pooling and hidden states', (pooling) => {
    const dir = makeTempDir();
    const checkpoint = describeCheckpoint(tinyHeader(), TINY_CONFIG);
    writeFileSync(join(dir, 'model.safetensors'), writeTiny(tinyTensors()));
    writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, { pooling, hiddenState: true }));
    expect(askOnnx(join(dir, 'model.onnx')).logits).toEqual(['batch', 1]);
  });
});
