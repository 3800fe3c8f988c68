import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EncoderConfig } from '../../src/architectures/architecture.ts';
import { type Checkpoint, describeCheckpoint } from '../../src/checkpoint/index.ts';
import type { Config } from '../../src/config.ts';
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

const HIDDEN = 1e-4;
/** Of the logit where it is greater than 1. */
const LOGITS = 1e-5;

describe.skipIf(PYTHON === undefined)(`random encoders against transformers${WITHOUT_PYTHON}`, () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-encoders-'));
    runOracle('random_encoders.py', [root]);
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function open(name: string): Promise<{ checkpoint: Checkpoint; pooling: Config['head']['pooling'] }> {
    const raw = await readJsonObject(join(root, name, 'config.json'));
    const header = await readSafetensorsHeader(join(root, name, 'model.safetensors'));
    const pooling = raw.hubwright_pooling === undefined ? 'mean' : String(raw.hubwright_pooling);
    return {
      checkpoint: describeCheckpoint(header, raw),
      pooling: pooling as Config['head']['pooling'],
    };
  }

  /** The largest differences over all cases of a folder, with the case that has them. */
  async function measure(name: string, checkpoint: Checkpoint, pooling: Config['head']['pooling']) {
    const path = join(root, name, 'model.onnx');
    writeFileSync(path, buildOnnx(checkpoint, { pooling, hiddenState: true }));
    const session = await openSession(path);
    const worst = { hidden: 0, logits: 0, at: '' };
    for (const known of JSON.parse(readFileSync(join(root, name, 'cases.json'), 'utf8')) as Case[]) {
      const batch = toBatch(known.input_ids, known.attention_mask);
      const actual = await session.run(batch, ['logits', 'last_hidden_state']);
      const hidden = largestDifference(
        atTokens(actual.last_hidden_state!, known.attention_mask),
        atTokens(known.hidden, known.attention_mask),
      );
      // The first state of a row padded on the left is that of padding, which some encoders keep from seeing anything.
      const counts = (_: unknown, row: number) =>
        (checkpoint.classifier?.pooling ?? pooling) !== 'cls' || known.attention_mask[row]?.[0] === 1;
      // Random heads give logits far beyond 1, where float32 has fewer digits behind the point.
      const weigh = (logit: number, row: number) => logit / Math.max(1, Math.abs(known.logits[row] ?? 0));
      const logits = largestDifference(
        Array.from(actual.logits!).map(weigh).filter(counts),
        known.logits.map(weigh).filter(counts),
      );
      if (hidden > worst.hidden || logits > worst.logits) worst.at = known.name;
      worst.hidden = Math.max(worst.hidden, hidden);
      worst.logits = Math.max(worst.logits, logits);
    }
    await session.release();
    return worst;
  }

  test('hidden states agree within 1e-4 and logits within 1e-5', async () => {
    const folders = readdirSync(root);
    expect(folders.length).toBeGreaterThan(75);
    const seen = new Set<string>();
    for (const name of folders) {
      const { checkpoint, pooling } = await open(name);
      expect(checkpoint.classifier !== undefined, name).toBe(name.endsWith('-stock'));
      seen.add(checkpoint.modelType);
      const worst = await measure(name, checkpoint, pooling);
      expect(worst.hidden, `${name}, ${worst.at}: hidden state`).toBeLessThan(HIDDEN);
      expect(worst.logits, `${name}, ${worst.at}: logits`).toBeLessThan(LOGITS);
    }
    expect([...seen].sort()).toEqual([
      'bert',
      'camembert',
      'deberta-v2',
      'distilbert',
      'electra',
      'modernbert',
      'mpnet',
      'nomic_bert',
      'roberta',
      'xlm-roberta',
    ]);
  }, 120_000);

  type Mutation = (config: EncoderConfig & { readonly padding: number }) => object;
  const MUTATIONS: readonly (readonly [string, string, Mutation])[] = [
    ['bert-plain', 'tanh-GELU', () => ({ activation: 'gelu-tanh' })],
    ['bert-gelu-new', 'exact GELU', () => ({ activation: 'gelu' })],
    ['bert-eps', 'another epsilon', () => ({ normEps: 1e-12 })],
    ['bert-plain', 'heads of another size', () => ({ heads: 2 })],
    ['roberta-plain', 'positions that begin one earlier', ({ padding }) => ({ padding: padding - 1 })],
    ['roberta-pad-3', 'positions that begin one earlier', ({ padding }) => ({ padding: padding - 1 })],
    ['deberta-v2-v3', 'another number of buckets', () => ({ maxDistance: 100 })],
    ['deberta-v2-v3', 'no norm of relative positions', () => ({ normsRelative: false })],
    ['deberta-v2-v3', 'content without positions', () => ({ contentToPosition: false })],
    ['nomic_bert-theta', 'another theta', () => ({ ropeTheta: 1000 })],
    ['nomic_bert-plain', 'another activation', () => ({ activation: 'gelu' })],
    ['mpnet-plain', 'another epsilon', () => ({ normEps: 1e-3 })],
    ['distilbert-plain', 'tanh-GELU', () => ({ activation: 'gelu-tanh' })],
    ['electra-eps', 'another epsilon', () => ({ normEps: 1e-12 })],
    ['mpnet-plain', 'tanh-GELU', () => ({ activation: 'gelu-tanh' })],
  ];

  test.each(MUTATIONS)('%s: %s is seen', async (name, _, change) => {
    const { checkpoint, pooling } = await open(name);
    const config = { ...checkpoint.config, ...change(checkpoint.config as never) };
    const worst = await measure(name, { ...checkpoint, config }, pooling);
    expect(worst.hidden).toBeGreaterThan(HIDDEN);
  });
});
