import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EncoderConfig } from '../../src/architectures/architecture.ts';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import type { ModernBertConfig } from '../../src/architectures/modernbert-config.ts';
import type { TensorEntry } from '../../src/formats/safetensors.ts';
import { PYTHON, runOracle, WITHOUT_PYTHON } from '../oracle/python.ts';
import {
  addNorm,
  countFromOneLess,
  editGraph,
  type GraphEdit,
  interleaveRotary,
  mirrorDistances,
  moveWindow,
  normBeforeSum,
  reverseRotary,
  scaleScores,
  setEpsilon,
  skipNorm,
  sumBehindNorm,
  swapWeights,
} from './graph-edits.ts';
import { buildRandomModel, listDisagreements, openRandomModel, type RandomModel } from './parity.ts';

type Tensors = Map<string, TensorEntry>;

/** A mistake in what a graph is built from, its settings, tensors or pooling, or in the graph. */
interface Mistake {
  readonly config?: (config: never) => object;
  readonly tensors?: (tensors: Tensors) => void;
  readonly pooling?: (pooling: RandomModel['pooling']) => RandomModel['pooling'];
  readonly graph?: GraphEdit;
}

const settings = (change: object): Mistake => ({ config: () => change });
const graph = (edit: GraphEdit): Mistake => ({ graph: edit });
/** Biases and tables that are optional are left out of the graph when the tensor is not there. */
const without = (name: string): Mistake => ({
  tensors: (tensors) => {
    if (!tensors.delete(name)) throw new Error(`no tensor ${name}`);
  },
});
const swapped = (one: string, other: string): Mistake => ({
  tensors: (tensors) => {
    const [a, b] = [tensors.get(one)!, tensors.get(other)!];
    tensors.set(one, b).set(other, a);
  },
});
const modernBert = (change: (config: ModernBertConfig) => Partial<ModernBertConfig>): Mistake => ({
  config: change as Mistake['config'] & object,
});

/** Mistakes that are easily made with each encoder that has BERT's layers, by folder. */
function listForBertLayers(type: string, bias: string, epsilon: number) {
  return [
    [`${type}-plain`, 'tanh-GELU for the exact one', settings({ activation: 'gelu-tanh' })],
    [`${type}-small`, `an epsilon of ${epsilon}`, graph(setEpsilon(epsilon))],
    [`${type}-plain`, 'a bias left out', without(bias)],
    [`${type}-plain`, 'the norm before the sum', graph(normBeforeSum)],
  ] as const;
}

const VALUE_BIAS = 'encoder.layer.1.attention.self.value.bias';
const ROBERTAS = ['roberta', 'xlm-roberta', 'camembert'];

const MUTATIONS: readonly (readonly [folder: string, name: string, mistake: Mistake])[] = [
  ...(['dense', 'blocked'] as const).flatMap((place) =>
    (['behind', 'ahead'] as const).flatMap((side) =>
      ([1, -1] as const).map(
        (tokens) =>
          [
            'modernbert-odd-window',
            `a ${place} window ${tokens === 1 ? 'wider' : 'narrower'} by one token ${side}`,
            graph(moveWindow(place, side, tokens)),
          ] as const,
      ),
    ),
  ),
  [
    'modernbert-plain',
    'a window of the whole local_attention',
    modernBert(({ radius }) => ({ radius: 2 * radius })),
  ],
  ['modernbert-odd-window', 'an odd window rounded up', modernBert(({ radius }) => ({ radius: radius + 1 }))],
  [
    'modernbert-thetas',
    'thetas swapped',
    modernBert(({ ropeTheta: { full, sliding } }) => ({ ropeTheta: { full: sliding, sliding: full } })),
  ],
  [
    'modernbert-thetas',
    'default thetas',
    modernBert(() => ({ ropeTheta: { full: 160_000, sliding: 10_000 } })),
  ],
  [
    'modernbert-every-third',
    'layer types shifted',
    modernBert(({ layerTypes }) => ({ layerTypes: layerTypes.map((_, i) => layerTypes.at(i - 1)!) })),
  ],
  [
    'modernbert-layer-types',
    'every third layer global, whatever the list says',
    modernBert(({ layerTypes }) => ({
      layerTypes: layerTypes.map((_, i) => (i % 3 === 0 ? 'full' : 'sliding')),
    })),
  ],
  ['modernbert-small', 'an epsilon of 1e-12', graph(setEpsilon(1e-12))],
  ['modernbert-eps', 'the default epsilon', modernBert(() => ({ normEps: 1e-5 }))],
  ['modernbert-plain', 'tanh-GELU for the exact one', modernBert(() => ({ activation: 'gelu-tanh' }))],
  ['modernbert-gelu-tanh', 'exact GELU for the tanh one', modernBert(() => ({ activation: 'gelu' }))],
  ['modernbert-biases', 'the bias of queries, keys and values left out', without('layers.1.attn.Wqkv.bias')],
  ['modernbert-biases', 'the bias of the attention output left out', without('layers.2.attn.Wo.bias')],
  ['modernbert-biases', 'the bias of the MLP left out', without('layers.0.mlp.Wi.bias')],
  ['modernbert-biases', 'the bias of a norm left out', without('layers.1.mlp_norm.bias')],
  ['modernbert-plain', 'the final norm missing', graph(skipNorm('final_norm.weight'))],
  ['modernbert-plain', 'the norm of the embeddings missing', graph(skipNorm('embeddings.norm.weight'))],
  ['modernbert-plain', 'a norm before the first attention', graph(addNorm('layers.0.attn.Wqkv', 32))],
  ['modernbert-plain', 'the residual taken behind the norm', graph(sumBehindNorm)],
  [
    'modernbert-plain',
    'the gate activated instead of the first half',
    graph(swapWeights('layers.1.mlp.Wi.weight[0:48]', 'layers.1.mlp.Wi.weight[48:96]')),
  ],
  [
    'modernbert-plain',
    'queries and keys swapped',
    graph(swapWeights('2.attn.Wqkv.weight[0:32]', '2.attn.Wqkv.weight[32:64]')),
  ],
  ['modernbert-plain', 'rotary pairs interleaved', graph(interleaveRotary)],
  ['modernbert-plain', 'rotated the other way', graph(reverseRotary)],
  ['modernbert-plain', 'half the heads', modernBert(({ heads }) => ({ heads: heads / 2 }))],
  ['modernbert-plain', 'another pooling', { pooling: (one) => (one === 'mean' ? 'cls' : 'mean') }],

  ...listForBertLayers('bert', VALUE_BIAS, 1e-5),
  ['bert-gelu-new', 'exact GELU for the tanh one', settings({ activation: 'gelu' })],
  ['bert-eps', 'the default epsilon', settings({ normEps: 1e-12 })],
  ['bert-plain', 'half the heads', settings({ heads: 2 })],
  ['bert-plain', 'no token types', without('embeddings.token_type_embeddings.weight')],
  ['bert-plain', 'no positions', without('embeddings.position_embeddings.weight')],

  ...ROBERTAS.flatMap((type) => [
    ...listForBertLayers(type, VALUE_BIAS, type === 'camembert' ? 1e-5 : 1e-12),
    [`${type}-plain`, 'positions that begin one earlier', graph(countFromOneLess)] as const,
  ]),
  ['roberta-pad-3', 'positions counted from another padding id', settings({ padding: 1 })],

  ...listForBertLayers('distilbert', 'transformer.layer.1.attention.v_lin.bias', 1e-5),
  ['distilbert-relu', 'another activation', settings({ activation: 'gelu' })],
  ['distilbert-plain', 'no positions', without('embeddings.position_embeddings.weight')],

  ...listForBertLayers('electra', VALUE_BIAS, 1e-5),
  ['electra-projected', 'the bias of the projection left out', without('embeddings_project.bias')],
  ['electra-plain', 'no token types', without('embeddings.token_type_embeddings.weight')],

  ...listForBertLayers('mpnet', 'encoder.layer.1.attention.attn.v.bias', 1e-12),
  ['mpnet-plain', 'positions that begin one earlier', graph(countFromOneLess)],
  ['mpnet-plain', 'the relative bias mirrored', graph(mirrorDistances)],

  ...listForBertLayers('deberta-v2', 'encoder.layer.1.attention.self.value_proj.bias', 1e-5),
  ['deberta-v2-v3', 'buckets for another distance', settings({ maxDistance: 100 })],
  ['deberta-v2-v3', 'no logarithmic buckets', settings({ isLogarithmic: false })],
  ['deberta-v2-v3', 'relative positions mirrored', graph(mirrorDistances)],
  ['deberta-v2-v3', 'no norm of relative positions', settings({ normsRelative: false })],
  ['deberta-v2-v3', 'no content to position', settings({ contentToPosition: false })],
  ['deberta-v2-v3', 'no position to content', settings({ positionToContent: false })],
  ['deberta-v2-v3', 'scores divided for one term, not three', graph(scaleScores(Math.sqrt(3)))],
  [
    'deberta-v2-separate',
    'position projections shared with the content',
    settings({ sharesProjections: true }),
  ],
  ['deberta-v2-biased', 'no absolute positions', without('embeddings.position_embeddings.weight')],
  ['deberta-v2-v3', 'tanh-GELU for the exact one', settings({ activation: 'gelu-tanh' })],

  ['nomic_bert-gelu', 'tanh-GELU for the exact one', settings({ activation: 'gelu-tanh' })],
  ['nomic_bert-small', 'an epsilon of 1e-5', graph(setEpsilon(1e-5))],
  ['nomic_bert-plain', 'the bias of a norm left out', without('layers.1.post_mlp_layernorm.bias')],
  ['nomic_bert-plain', 'the norm before the sum', graph(normBeforeSum)],
  ['nomic_bert-theta', 'the default theta', settings({ ropeTheta: 1000 })],
  ['nomic_bert-plain', 'another activation', settings({ activation: 'gelu' })],
  ['nomic_bert-plain', 'rotary pairs interleaved', graph(interleaveRotary)],
  ['nomic_bert-plain', 'rotated the other way', graph(reverseRotary)],
  [
    'nomic_bert-plain',
    'the gate activated, not what it gates',
    swapped('layers.1.mlp.gate_proj.weight', 'layers.1.mlp.up_proj.weight'),
  ],
];

describe.skipIf(PYTHON === undefined)(`mistakes that the comparison must see${WITHOUT_PYTHON}`, () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-mutations-'));
    runOracle('random_encoders.py', [root, ...new Set(MUTATIONS.map(([folder]) => folder))]);
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each(MUTATIONS)('%s: %s', { timeout: 60_000 }, async (folder, _, mistake) => {
    const model = await openRandomModel(join(root, folder));
    expect(await listDisagreements(model, buildRandomModel(model))).toEqual([]);
    const { checkpoint } = model;
    const encoder: Tensors = new Map(checkpoint.encoder);
    mistake.tensors?.(encoder);
    const config: EncoderConfig = {
      ...checkpoint.config,
      ...mistake.config?.(checkpoint.config as never),
    };
    const mutated = {
      ...model,
      pooling: mistake.pooling?.(model.pooling) ?? model.pooling,
      checkpoint: { ...checkpoint, encoder, config },
    };
    const bytes = buildRandomModel(mutated);
    const wrong = mistake.graph === undefined ? bytes : editGraph(bytes, mistake.graph);
    expect(await listDisagreements(mutated, wrong)).not.toEqual([]);
  });

  test('are made with every architecture, the classic ones with each', () => {
    for (const type of ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes))) {
      const names = MUTATIONS.filter(([folder]) => folder.startsWith(`${type}-`)).map(([, name]) => name);
      for (const classic of [/tanh-GELU/, /epsilon/, /bias.* left out/, /norm before|behind the norm/]) {
        expect(names, type).toContainEqual(expect.stringMatching(classic));
      }
    }
  });
});
