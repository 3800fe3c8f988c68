import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { defineConfig } from '../../src/config.ts';
import { measureLoss } from '../../src/export/variants/loss.ts';
import { VARIANTS, type Variant, variantFile } from '../../src/export/variants/names.ts';
import { writeVariant } from '../../src/export/variants/write.ts';
import { ModelProtoSchema } from '../../src/graph/generated/onnx_pb.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';
import { buildRandomModel, openRandomModel, type RandomModel, readCases } from './parity.ts';

/** Every architecture, with a vocabulary large enough to be quantized; as a plain module and as transformers' class. */
const TYPES = ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes));
const FOLDERS = [
  ...TYPES.map((type) => `${type}-words`),
  'deberta-v2-words-biased',
  ...TYPES.filter((type) => type !== 'modernbert').map((type) => `${type}-words-stock`),
  'modernbert-bias-stock',
];

/** Scores of a random model hardly differ from row to row: of int8 R² says less, and is held to less, than in a gate. */
const INT8_R2 = 0.95;

interface Answer {
  readonly logits: number[][];
  readonly tensors: Record<string, [type: string, dims: number[]]>;
}

describe.skipIf(PYTHON === undefined)(`variants of every architecture, in Python${WITHOUT_PYTHON}`, () => {
  let root: string;
  const models = new Map<string, RandomModel>();
  const answers = new Map<string, Record<string, Answer>>();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-variants-'));
    runOracle('random_encoders.py', [root, ...FOLDERS]);
    for (const folder of FOLDERS) {
      const model = await openRandomModel(join(root, folder));
      models.set(folder, model);
      for (const variant of VARIANTS) {
        await writeVariant(model.dir, variant, model.checkpoint, { pooling: model.pooling });
      }
    }
    // The script checks each file with the whole checker of the onnx package before it runs it.
    const lines = runOracle(
      'run_variants.py',
      FOLDERS.map((folder) => join(root, folder)),
    );
    for (const [i, line] of lines.trim().split('\n').entries()) answers.set(FOLDERS[i]!, JSON.parse(line));
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const gates = defineConfig({ input: { template: '{{a}}', label: 'b', maxLength: 8 } }).verify.variants;

  test.each(FOLDERS.flatMap((folder) => VARIANTS.map((variant) => [folder, variant] as const)))(
    '%s: %s scores as transformers does, within its gate',
    (folder, variant) => {
      const { dir, checkpoint, pooling } = models.get(folder)!;
      const isFirstState = (checkpoint.classifier?.pooling ?? pooling) === 'cls';
      const score = (logit: number) => 1 / (1 + Math.exp(-logit));
      const expected: number[] = [];
      const actual: number[] = [];
      for (const [i, known] of readCases(dir).entries()) {
        for (const [row, logit] of known.logits.entries()) {
          // Padding on the left puts the first state where there is no token.
          if (isFirstState && known.attention_mask[row]![0] === 0) continue;
          expected.push(score(logit));
          actual.push(score(answers.get(folder)![variantFile(variant)]!.logits[i]![row]!));
        }
      }
      const scores = { model: Float64Array.from(expected), variant: Float64Array.from(actual) };
      const loss = measureLoss(variant, scores.model, scores);
      const gate = gates[variant];
      expect(loss.maxDifference).toBeLessThan(variant === 'fp32' ? 1e-5 : gate.maxDifference);
      expect(loss.r2).toBeGreaterThan(variant === 'int8' ? INT8_R2 : gate.r2);
      // It is another computation, not the same graph under another name.
      if (variant !== 'fp32') expect(loss.maxDifference).toBeGreaterThan(1e-6);
    },
  );

  const tensorsOf = (folder: string, variant: Variant) => answers.get(folder)![variantFile(variant)]!.tensors;

  /** Weights of the head, which no variant changes, by their names in the graph. */
  const headOf = ({ checkpoint: { head, classifier } }: RandomModel) => {
    const steps = (classifier?.steps ?? []).flatMap((step) => ('layer' in step ? [step.layer] : []));
    return [head, ...steps].flatMap(({ weight, bias }) => (bias ? [weight.name, bias.name] : [weight.name]));
  };

  test.each(FOLDERS)(
    '%s: fp16 stores the encoder in half precision, and int8 its linear layers in 8 bits',
    (folder) => {
      const model = models.get(folder)!;
      const head = headOf(model);
      const { graph } = fromBinary(ModelProtoSchema, buildRandomModel(model));
      const isWeight = (name: string) =>
        graph!.initializer.some((tensor) => tensor.name === name && tensor.externalData.length > 0);
      const linear = graph!.node.filter(({ opType }) => opType === 'Gemm').map(({ input }) => input[1]!);
      const tables = graph!.node
        .filter(({ opType, input }) => opType === 'Gather' && isWeight(input[0]!))
        .map(({ input }) => input[0]!);

      for (const [name, [type]] of Object.entries(tensorsOf(folder, 'fp32')))
        expect([name, type]).toEqual([name, 'FLOAT']);
      for (const [name, [type]] of Object.entries(tensorsOf(folder, 'fp16'))) {
        expect([name, type]).toEqual([name, head.includes(name) ? 'FLOAT' : 'FLOAT16']);
      }
      const int8 = tensorsOf(folder, 'int8');
      const whole = tensorsOf(folder, 'fp32');
      const quantized = Object.keys(int8).filter((name) => int8[name]![0] === 'INT8');
      const vocabulary = tables.filter((name) => whole[name]![1][0]! >= 4096);
      expect(vocabulary.length).toBe(folder === 'modernbert-bias-stock' ? 0 : 1);
      expect(quantized.sort()).toEqual(
        [...new Set(linear.filter((name) => !head.includes(name))), ...vocabulary].sort(),
      );
      for (const name of quantized) {
        const [rows, width] = whole[name]![1];
        const isTable = vocabulary.includes(name);
        expect(int8[name]![1]).toEqual(isTable ? [rows, width] : [width, rows]);
        expect(int8[`${name}.scale`]).toEqual(['FLOAT', isTable ? [rows, 1] : [rows]]);
      }
    },
  );
});
