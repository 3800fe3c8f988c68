import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSentenceTransformers } from '../../../src/assemble/sentence-transformers.ts';
import { describeCheckpoint } from '../../../src/checkpoint/index.ts';
import { loadConfig } from '../../../src/config.ts';
import { parseJsonObject } from '../../../src/formats/json.ts';
import { parseSpelledJson } from '../../../src/formats/spelled-json.ts';
import { readWeights } from '../../../src/formats/weights.ts';
import { editText } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase, skips } from './rule-case.ts';

/** Lays the sentence-transformers layout beside the model, as assemble does, and then damages it. */
const withLayout =
  (damage: Damage = () => {}): Damage =>
  async (dir) => {
    const text = readFileSync(join(dir, 'config.json'), 'utf8');
    const weights = await readWeights(dir);
    const checkpoint = describeCheckpoint(weights, parseJsonObject(text, 'config.json'));
    const config = await loadConfig(join(dir, 'hubwright.json'));
    await writeSentenceTransformers(dir, { raw: parseSpelledJson(text, 'c'), weights, checkpoint, config });
    await damage(dir);
  };

const WEIGHTS = '0_Transformer/model.safetensors';

const flipLastByte = (dir: string) => {
  const path = join(dir, WEIGHTS);
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  writeFileSync(path, bytes);
};

export const LAYOUT_CASES: readonly RuleCase[] = [
  skips('layout-matches', 'no layout', () => {}, 'the bundle has no modules.json'),
  passes('layout-matches', 'as assemble writes it', withLayout()),
  fails('layout-matches', 'one bit of the encoder', withLayout(flipLastByte), [
    /^0_Transformer\/model\.safetensors: tensor layers\.\S+ has other values than encoder\.layers\.\S+ of the model$/,
  ]),
  fails(
    'layout-matches',
    'the head in place of the encoder',
    withLayout((dir) => copyFileSync(join(dir, '2_Dense/model.safetensors'), join(dir, WEIGHTS))),
    [
      /tensor linear\.bias is not part of the model/,
      ...Array(2 + 7 * 6 - 1 + 1 + 1).fill(/is missing|not part/),
    ],
  ),
  fails(
    'layout-matches',
    'another pooling, activation and tokenizer',
    withLayout((dir) => {
      editText(dir, '1_Pooling/config.json', (text) => text.replaceAll('true', 'false'));
      editText(dir, '2_Dense/config.json', (text) => text.replace('activation.Sigmoid', 'linear.Identity'));
      editText(dir, '0_Transformer/tokenizer.json', (text) => `${text} `);
      editText(dir, '0_Transformer/config.json', (text) =>
        text.replace('"local_attention": 32', '"local_attention": 30'),
      );
    }),
    [
      /^1_Pooling\/config\.json: does not say what the model is: .*"pooling_mode_mean_tokens":true/,
      /^2_Dense\/config\.json: does not say what the model is/,
      '0_Transformer/config.json: describes another encoder than the config.json at the root',
      '0_Transformer/tokenizer.json: is not the tokenizer.json at the root',
    ],
  ),
];
