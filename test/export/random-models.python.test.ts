import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../src/checkpoint/index.ts';
import { buildOnnx } from '../../src/export/index.ts';
import { readJsonObject } from '../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { openSession } from '../../src/inference/session.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';
import { atTokens, largestDifference, toBatch } from './batch.ts';

interface Case {
  name: string;
  input_ids: number[][];
  attention_mask: number[][];
  hidden: number[];
  logits: number[];
}

describe.skipIf(PYTHON === undefined)(`random ModernBERT models against PyTorch${WITHOUT_PYTHON}`, () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-random-'));
    runOracle('random_models.py', [root]);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('hidden states agree within 1e-4 and logits within 1e-5', async () => {
    const folders = readdirSync(root);
    expect(folders.length).toBeGreaterThan(10);
    for (const name of folders) {
      const dir = join(root, name);
      const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
      const checkpoint = describeCheckpoint(header, await readJsonObject(join(dir, 'config.json')));
      expect(checkpoint.prefix).toBe('backbone.');
      writeFileSync(join(dir, 'model.onnx'), buildOnnx(checkpoint, { pooling: 'mean', hiddenState: true }));
      const session = await openSession(join(dir, 'model.onnx'));
      for (const { name: caseName, ...expected } of JSON.parse(
        readFileSync(join(dir, 'cases.json'), 'utf8'),
      ) as Case[]) {
        const batch = toBatch(expected.input_ids, expected.attention_mask);
        const actual = await session.run(batch, ['logits', 'last_hidden_state']);
        const hidden = largestDifference(
          atTokens(actual.last_hidden_state!, expected.attention_mask),
          atTokens(expected.hidden, expected.attention_mask),
        );
        const logits = largestDifference(actual.logits!, expected.logits);
        expect(hidden, `${name}, ${caseName}: hidden state`).toBeLessThan(1e-4);
        expect(logits, `${name}, ${caseName}: logits`).toBeLessThan(1e-5);
      }
      await session.release();
    }
  });
});
