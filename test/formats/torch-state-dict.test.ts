import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readStateDict } from '../../src/formats/torch-state-dict.ts';
import { catchError } from '../fixtures/caught.ts';

/** Pieces of a pickle, as bytes; latin1 text stands for itself. */
type Piece = string;

const int = (value: number): Piece => {
  const bytes = Buffer.alloc(5, 'J');
  bytes.writeInt32LE(value, 1);
  return bytes.toString('latin1');
};
const str = (value: string): Piece => {
  const bytes = Buffer.alloc(5, 'X');
  bytes.writeUInt32LE(Buffer.byteLength(value), 1);
  return bytes.toString('latin1') + Buffer.from(value).toString('latin1');
};
const tuple = (...items: Piece[]): Piece => `(${items.join('')}t`;
const named = (path: string): Piece => {
  const at = path.lastIndexOf('.');
  return `c${path.slice(0, at)}\n${path.slice(at + 1)}\n`;
};
const call = (path: string, ...args: Piece[]): Piece => `${named(path)}${tuple(...args)}R`;
const dict = (entries: Record<string, Piece>): Piece =>
  `}(${Object.entries(entries)
    .map(([key, value]) => str(key) + value)
    .join('')}u`;

interface Spec {
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
  readonly start?: number;
  readonly elements?: number;
  readonly storage?: string;
  readonly key?: string;
  readonly rebuild?: string;
  readonly hooks?: Piece;
}

const NO_HOOKS = call('collections.OrderedDict');

function tensor({
  shape = [2, 3],
  strides = [3, 1],
  start = 0,
  elements = 6,
  storage = 'torch.FloatStorage',
  key = '0',
  rebuild = 'torch._utils._rebuild_tensor_v2',
  hooks = NO_HOOKS,
}: Spec = {}): Piece {
  const id = tuple(str('storage'), named(storage), str(key), str('cpu'), int(elements));
  const sizes = (values: readonly number[]) => tuple(...values.map(int));
  return call(rebuild, `${id}Q`, int(start), sizes(shape), sizes(strides), '\x89', hooks);
}

const DATA = new Uint8Array(new Float32Array([0, 1, 2, 3, 4, 5]).buffer);

function archive(pickle: Piece, records: Record<string, Uint8Array> = {}): Uint8Array {
  const files = {
    'model/data.pkl': Buffer.from(`\x80\x02${pickle}.`, 'latin1'),
    'model/data/0': DATA,
    ...records,
  };
  return zipSync(files, { level: 0 });
}

const read = (pickle: Piece, records?: Record<string, Uint8Array>) =>
  readStateDict(archive(pickle, records), 'pytorch_model.bin');

describe('a state dict', () => {
  test('gives names, shapes and bytes', async () => {
    const row = tensor({ shape: [3], strides: [1], start: 3 });
    const one = tensor({ shape: [1, 3, 1], strides: [99, 1, 7], start: 2 });
    const read3 = await read(dict({ 'a.weight': tensor(), row, one }));
    expect(read3.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['a.weight', 'F32', [2, 3]],
      ['row', 'F32', [3]],
      ['one', 'F32', [1, 3, 1]],
    ]);
    expect([...new Float32Array(Uint8Array.from(read3[1]!.data).buffer)]).toEqual([3, 4, 5]);
    expect([...new Float32Array(Uint8Array.from(read3[2]!.data).buffer)]).toEqual([2, 3, 4]);
  });

  test.each<[string, Piece, RegExp]>([
    [
      'with a transposed tensor',
      dict({ a: tensor({ shape: [3, 2], strides: [1, 3] }) }),
      /tensor a is not contiguous: shape \[3, 2\], strides \[1, 3\]/,
    ],
    ['with an expanded tensor', dict({ a: tensor({ shape: [2, 3], strides: [0, 1] }) }), /not contiguous/],
    ['with a tensor beyond its storage', dict({ a: tensor({ start: 1 }) }), /lies outside its storage of 6/],
    [
      'with a shape beyond all numbers',
      dict({ a: tensor({ shape: [2147483647, 2147483647, 9], strides: [2147483647, 9, 1] }) }),
      /not contiguous|outside its storage/,
    ],
    ['with a negative start', dict({ a: tensor({ start: -1 }) }), /outside its storage/],
    ['with a negative size', dict({ a: tensor({ shape: [-2, -3] }) }), /no proper shape/],
    [
      'with a storage of another size',
      dict({ a: tensor({ elements: 7 }) }),
      /data\/"0", which is missing or of another size/,
    ],
    ['with a storage that is not there', dict({ a: tensor({ key: '1' }) }), /data\/"1", which is missing/],
    [
      'with a storage of another kind',
      dict({ a: tensor({ storage: 'torch.QInt8Storage' }) }),
      /imports torch\.QInt8Storage/,
    ],
    [
      'with a parameter',
      dict({ a: tensor({ rebuild: 'torch._utils._rebuild_parameter' }) }),
      /imports torch\._utils\._rebuild_parameter/,
    ],
    ['that runs a program', dict({ a: call('os.system', str('true')) }), /imports os\.system/],
    [
      'that runs one and throws the result away',
      `${call('os.system', str('true'))}0${dict({ a: tensor() })}`,
      /imports os\.system/,
    ],
    ['with hooks', dict({ a: tensor({ hooks: `${NO_HOOKS}(${str('k')}${int(1)}u` }) }), /tensor a has hooks/],
    ['that is a list', `](${tensor()}e`, /not a state dict/],
    ['with a number for a tensor', dict({ a: int(7) }), /tensor a is not a plain tensor/],
    ['with a key that is a number', `}(${int(1)}${tensor()}u`, /a key that is no tensor name/],
    [
      'that shares one storage many times',
      dict(
        Object.fromEntries(
          Array.from({ length: 2000 }, (_, i) => [
            `t${i}`,
            tensor({ key: 'big', elements: 200_000, shape: [200_000], strides: [1] }),
          ]),
        ),
      ),
      /more than 2 times its own size/,
    ],
  ])('%s is refused', async (_, pickle, message) => {
    const records = { 'model/data/big': new Uint8Array(800_000) };
    const error = await catchError(() => read(pickle, records));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(message);
  });

  test('of a big-endian machine is refused', async () => {
    const records = { 'model/byteorder': Buffer.from('big') };
    expect((await catchError(() => read(dict({ a: tensor() }), records))).message).toMatch(/big-endian/);
  });
});
