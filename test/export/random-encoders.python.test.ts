import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import type { ModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import { runOracle, TRANSFORMERS } from '../oracle/python.ts';
import { buildRandomModel, listDisagreements, openRandomModel, readCases } from './parity.ts';

/** What a transformers cannot have, and what it says of it. */
const LACKING: Readonly<Record<string, readonly RegExp[]>> = {
  '4': [
    /^nomic_bert-.*: transformers 4\.57\.\d+ has no NomicBert$/,
    /^modernbert-(layer-types|rope-parameters): only transformers 5 reads its settings$/,
  ],
  '5': [/^modernbert-one-theta: only transformers 4 reads its settings$/],
};

describe.each(TRANSFORMERS)(
  'random encoders against transformers $version $without',
  ({ version, python }) => {
    let root: string;
    let lacking: string[];

    beforeAll(() => {
      if (python === undefined) return;
      root = mkdtempSync(join(tmpdir(), 'hubwright-encoders-'));
      const answer = JSON.parse(runOracle('random_encoders.py', [root], {}, python)) as Record<
        string,
        string
      >;
      lacking = Object.entries(answer).map(([folder, reason]) => `${folder}: ${reason}`);
    }, 600_000);
    afterAll(() => {
      if (root !== undefined) rmSync(root, { recursive: true, force: true });
    });

    const open = (name: string) => openRandomModel(join(root, name));

    test.skipIf(python === undefined)(
      'hidden states agree within 1e-4 and logits within 1e-5',
      { timeout: 300_000 },
      async () => {
        const folders = readdirSync(root);
        expect(folders.length).toBeGreaterThan(85);
        const seen = new Set<string>();
        for (const name of folders) {
          const model = await open(name);
          expect(model.checkpoint.classifier !== undefined, name).toBe(name.endsWith('-stock'));
          seen.add(model.checkpoint.modelType);
          expect(await listDisagreements(model, buildRandomModel(model)), name).toEqual([]);
        }
        const types = ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes));
        expect([...seen].sort()).toEqual(
          types.filter((type) => version === '5' || type !== 'nomic_bert').sort(),
        );
      },
    );

    test.skipIf(python === undefined)('a folder is left out for a reason that is known', () => {
      const known = LACKING[version]!;
      expect(lacking.filter((line) => !known.some((reason) => reason.test(line)))).toEqual([]);
      expect(known.filter((reason) => !lacking.some((line) => reason.test(line)))).toEqual([]);
    });

    test.skipIf(python === undefined)('the settings of ModernBERT are all there', async () => {
      const names = readdirSync(root).filter((name) => name.startsWith('modernbert-'));
      const configs = await Promise.all(
        names.map(async (name) => (await open(name)).checkpoint.config as ModernBertConfig),
      );
      const types = new Set(configs.map(({ layerTypes }) => layerTypes.map((type) => type[0]).join('')));
      expect([...types]).toEqual(
        expect.arrayContaining(['ffff', 'fsfsf', 'fssf', ...(version === '5' ? ['sffs'] : [])]),
      );
      expect(new Set(configs.map(({ radius }) => radius))).toEqual(new Set([0, 3, 4, 8, 65]));
      const thetas = new Set(configs.map(({ ropeTheta }) => `${ropeTheta.full} ${ropeTheta.sliding}`));
      expect(thetas).toContain('5000 300');
      if (version === '4') expect(thetas).toContain('5000 5000');
      expect(new Set(configs.map(({ activation }) => activation))).toEqual(new Set(['gelu', 'gelu-tanh']));
      expect(configs.some((one) => one.attentionBias && one.mlpBias && one.normBias)).toBe(true);
    });

    test.skipIf(python === undefined)('lengths lie on both sides of the window and of a block', () => {
      const lengths = readCases(join(root, 'modernbert-odd-window')).map(
        ({ input_ids }) => input_ids[0]!.length,
      );
      expect(lengths).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 7, 8, 9, 384, 385, 449, 512]));
      const cases = readCases(join(root, 'modernbert-odd-window'));
      const tokens = ({ attention_mask }: (typeof cases)[number]) =>
        attention_mask.map((row) => row.reduce((a, b) => a + b));
      const onLeft = cases.filter(({ attention_mask }) => attention_mask.some((row) => row[0] === 0));
      const onRight = cases.filter(({ attention_mask }) => attention_mask.some((row) => row.at(-1) === 0));
      for (const padded of [onLeft, onRight]) {
        expect(padded.map(tokens)).toEqual(expect.arrayContaining([[1], [8, 7, 4, 1], [450, 3, 390, 1]]));
      }
    });
  },
);
