import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson, editTensor, swapTensors } from '../bundle-fixture.ts';
import { copyLayer } from '../cases/groups.ts';
import { inHeader } from '../cases/model.ts';
import { type Damage, type Mutation, mutation, patch, truncate, write } from './damage.ts';

const LAYERS = 7;
const SCORES = ['predictions-match'];
const FILE = 'model.safetensors';

const inTensor =
  (name: string, edit: (values: Float32Array) => void): Damage =>
  (dir) =>
    editTensor(dir, name, edit);

/** Flips one bit of a float32: 31 is the sign, 30 to 23 the exponent, 22 to 0 the mantissa. */
const flipBit = (name: string, index: number, bit: number) =>
  inTensor(name, (values) => {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    bits[index] = ((bits[index] ?? 0) ^ (2 ** bit)) >>> 0;
  });

/** Exchanges two rows of a matrix. */
const swapRows = (name: string, width: number, a: number, b: number) =>
  inTensor(name, (values) => {
    const first = values.slice(a * width, (a + 1) * width);
    values.copyWithin(a * width, b * width, (b + 1) * width);
    values.set(first, b * width);
  });

const swapLayers =
  (a: number, b: number): Damage =>
  async (dir) => {
    for (const part of ['attn.Wqkv', 'attn.Wo', 'mlp_norm', 'mlp.Wi', 'mlp.Wo'])
      await swapTensors(dir, `encoder.layers.${a}.${part}.weight`, `encoder.layers.${b}.${part}.weight`);
  };

const layers = Array.from({ length: LAYERS }, (_, layer) => layer);

const VALUES: readonly Mutation[] = [
  ...layers
    .slice(1)
    .map((layer) =>
      mutation(`layers ${layer - 1} and ${layer} exchanged`, SCORES, swapLayers(layer - 1, layer)),
    ),
  mutation('a layer written over another', ['layers-differ'], copyLayer),
  mutation('layers 1 and 6 exchanged', SCORES, swapLayers(1, 6)),
  ...layers.map((layer) =>
    mutation(
      `the highest bit of an exponent in layer ${layer}`,
      SCORES,
      flipBit(`encoder.layers.${layer}.mlp.Wo.weight`, 100 + layer, 30),
    ),
  ),
  ...(['attn.Wqkv', 'attn.Wo', 'attn_norm', 'mlp_norm', 'mlp.Wi', 'mlp.Wo'] as const).map((part) =>
    mutation(
      `half of ${part} of layer 3 negated`,
      SCORES,
      inTensor(`encoder.layers.3.${part}.weight`, (values) => {
        for (let i = 0; i < values.length / 2; i++) values[i] = -(values[i] ?? 0);
      }),
    ),
  ),
  mutation('one sign in the head', SCORES, flipBit('regressor.weight', 7, 31)),
  mutation(
    'the whole head negated',
    ['metrics-recompute', ...SCORES],
    inTensor('regressor.weight', (values) => {
      for (const [i, value] of values.entries()) values[i] = -value;
    }),
  ),
  mutation(
    'the head of another run',
    ['metrics-recompute', ...SCORES],
    inTensor('regressor.weight', (values) => values.reverse()),
  ),
  mutation(
    'the bias of the head forgotten',
    SCORES,
    inTensor('regressor.bias', (values) => values.fill(0)),
  ),
  mutation(
    'a head of zeros',
    ['weights-alive', 'metrics-recompute', ...SCORES],
    inTensor('regressor.weight', (values) => values.fill(0)),
  ),
  mutation(
    'all weights of the head 1 % larger',
    SCORES,
    inTensor('regressor.weight', (values) => {
      for (const [i, value] of values.entries()) values[i] = value * 1.01;
    }),
  ),
  mutation(
    'the embeddings of [CLS] and [SEP] exchanged',
    SCORES,
    swapRows('encoder.embeddings.tok_embeddings.weight', 64, 1, 2),
  ),
  mutation(
    'the embedding moved by one row',
    ['metrics-recompute', ...SCORES],
    inTensor('encoder.embeddings.tok_embeddings.weight', (values) => {
      values.copyWithin(64, 0);
    }),
  ),
  mutation(
    'query and key of one layer exchanged',
    SCORES,
    inTensor('encoder.layers.3.attn.Wqkv.weight', (values) => {
      const query = values.slice(0, 64 * 64);
      values.copyWithin(0, 64 * 64, 2 * 64 * 64);
      values.set(query, 64 * 64);
    }),
  ),
  mutation(
    'gate and value of one MLP exchanged',
    SCORES,
    inTensor('encoder.layers.2.mlp.Wi.weight', (values) => {
      const gate = values.slice(0, 96 * 64);
      values.copyWithin(0, 96 * 64);
      values.set(gate, 96 * 64);
    }),
  ),
  mutation(
    'a matrix transposed',
    SCORES,
    inTensor('encoder.layers.4.attn.Wo.weight', (values) => {
      const before = values.slice();
      for (let row = 0; row < 64; row++)
        for (let column = 0; column < 64; column++)
          values[row * 64 + column] = before[column * 64 + row] ?? 0;
    }),
  ),
  mutation(
    'the last norm of ones',
    SCORES,
    inTensor('encoder.final_norm.weight', (values) => values.fill(1)),
  ),
  mutation(
    'a layer never trained',
    ['weights-alive', ...SCORES],
    inTensor('encoder.layers.5.mlp.Wo.weight', (values) => values.fill(0)),
  ),
  mutation('the weights rounded to bfloat16', SCORES, async (dir) => {
    for (const layer of layers)
      await editTensor(dir, `encoder.layers.${layer}.mlp.Wi.weight`, (values) => {
        const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
        for (const [i, value] of bits.entries()) bits[i] = value & 0xffff_0000;
      });
  }),
  mutation(
    'NaN in one weight',
    ['weights-finite', 'metrics-recompute', ...SCORES],
    inTensor('regressor.bias', (values) => values.fill(Number.NaN)),
  ),
  mutation(
    'infinity in one weight',
    ['weights-finite'],
    flipBitsToInfinity('encoder.layers.1.mlp.Wo.weight'),
  ),
];

function flipBitsToInfinity(name: string): Damage {
  return inTensor(name, (values) => {
    values[9] = Number.NEGATIVE_INFINITY;
  });
}

/** Where one tensor's entry in the header says it is. */
const moveTensor = (name: string, by: number) =>
  inHeader((text) => {
    const header = JSON.parse(text) as Record<string, { data_offsets: [number, number] }>;
    const offsets = header[name]?.data_offsets ?? [0, 0];
    header[name]?.data_offsets.splice(0, 2, offsets[0] + by, offsets[1] + by);
    return JSON.stringify(header);
  });

const STRUCTURE: readonly Mutation[] = [
  ...(
    [
      ['in the length of the header', 4],
      ['in the header', 1000],
      ['at the end of the header', 8 + 4480],
      ['in the first tensor', 8 + 4480 + 100],
      ['in the middle', 0.5],
      ['before the last byte', -1],
      ['to nothing', 0],
    ] as const
  ).map(([where, to]) => mutation(`weights cut off ${where}`, ['safetensors-header'], truncate(FILE, to))),
  mutation('a byte after the weights', ['safetensors-header'], (dir) => {
    const path = join(dir, FILE);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(1)]));
  }),
  mutation(
    'a header that claims to be huge',
    ['safetensors-header'],
    patch(FILE, (bytes) => bytes.writeBigUInt64LE(2n ** 62n, 0)),
  ),
  mutation(
    'a header that is no JSON',
    ['safetensors-header'],
    inHeader((text) => text.replace('{', '[')),
  ),
  mutation('a tensor that overlaps another', ['safetensors-header'], moveTensor('regressor.weight', -4)),
  mutation(
    'a tensor dropped from the header',
    ['safetensors-header'],
    inHeader((text) => {
      const { 'encoder.final_norm.weight': _, ...rest } = JSON.parse(text);
      return JSON.stringify(rest);
    }),
  ),
  mutation(
    'a tensor under another name',
    ['tensors-config'],
    inHeader((text) => text.replace('encoder.final_norm.weight', 'encoder.final_morn.weight')),
  ),
  mutation(
    'a tensor of another shape',
    ['tensors-config'],
    inHeader((text) => text.replace('[64,96]', '[96,64]')),
  ),
  mutation(
    'mixed dtypes',
    ['weights-dtype', 'tensors-config'],
    inHeader((text) =>
      text.replace(/("encoder\.final_norm\.weight":\{"dtype":")F32(","shape":\[)64/, '$1F16$2128'),
    ),
  ),
  mutation(
    'the metadata of NumPy',
    ['weights-metadata'],
    inHeader((text) => text.replace('"pt"', '"np"')),
  ),
  mutation(
    'a git-LFS pointer for weights',
    ['lfs-pointers', 'safetensors-header'],
    write(FILE, `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 596000000\n`),
  ),
  mutation(
    'an HTML page for weights',
    ['file-types', 'safetensors-header'],
    write(FILE, `<!DOCTYPE html><html><body>${'Not found. '.repeat(50)}</body></html>`),
  ),
  mutation(
    'pickled weights beside',
    ['weights-pickle-free'],
    write('pytorch_model.bin', Buffer.alloc(64, 0x80)),
  ),
  mutation('one layer less in the config', ['tensors-config'], (dir) =>
    editJson(dir, 'config.json', (config) => {
      config.num_hidden_layers = LAYERS - 1;
      config.layer_types = (config.layer_types as string[]).slice(0, -1);
    }),
  ),
];

export const WEIGHT_MUTATIONS: readonly Mutation[] = [...VALUES, ...STRUCTURE];
