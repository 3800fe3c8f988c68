// Writes test/files/hostile/: one small file for every way in which a file of a stranger's bundle may try to make its
// reader crash, hang, take all memory or read what is not the bundle's. Nothing here is made by Hubwright's own code.
//
// usage: node scripts/make-hostile-files.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../test/files/hostile');

const text = (value) => Buffer.from(value, 'utf8');
const u16 = (value) => Buffer.from([value & 255, value >> 8]);
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

// --- safetensors: eight bytes of length, a JSON header, the data

const safetensors = (header, data = Buffer.alloc(0), length = undefined) => {
  const json = Buffer.isBuffer(header)
    ? header
    : text(typeof header === 'string' ? header : JSON.stringify(header));
  return Buffer.concat([u64(length ?? json.length), json, data]);
};
const tensor = (shape, offsets, dtype = 'F32') => ({ dtype, shape, data_offsets: offsets });

const SAFETENSORS = {
  'length-2^63': safetensors('{}', Buffer.alloc(0), 2n ** 63n),
  'length-of-100-MB': safetensors('{}', Buffer.alloc(0), 100_000_000),
  'length-beyond-the-file': safetensors('{}', Buffer.alloc(0), 4096),
  'seven-bytes': Buffer.alloc(7),
  'nested-100000-deep': safetensors('[{"a":'.repeat(50_000)),
  'shape-2^106': safetensors({ w: tensor([2 ** 53, 2 ** 53], [0, 8]) }, Buffer.alloc(8)),
  'shape-times-zero': safetensors({ w: tensor([2 ** 53, 2 ** 53, 0], [0, 0]) }),
  'negative-offset': safetensors({ w: tensor([2], [-8, 0]) }, Buffer.alloc(8)),
  'offsets-turned-round': safetensors({ w: tensor([2], [8, 0]) }, Buffer.alloc(8)),
  'offset-past-the-end': safetensors({ w: tensor([2], [0, 2 ** 50]) }, Buffer.alloc(8)),
  'offset-no-integer': safetensors(
    '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0.5,8.5]}}',
    Buffer.alloc(8),
  ),
  'offset-1e999': safetensors('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,1e999]}}', Buffer.alloc(8)),
  overlap: safetensors({ a: tensor([2], [0, 8]), b: tensor([2], [4, 12]) }, Buffer.alloc(12)),
  'a-name-twice': safetensors(
    '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    Buffer.alloc(8),
  ),
  'named-__proto__': safetensors(
    '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    Buffer.alloc(4),
  ),
  'dtype-unknown': safetensors({ w: tensor([1], [0, 4], 'F33') }, Buffer.alloc(4)),
  'header-not-utf-8': safetensors(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
  'escape-in-a-name': safetensors({ '\u001b[2J\u001b]0;owned\u0007': tensor([1], [0, 4]) }, Buffer.alloc(4)),
  '5000-tensors': safetensors(
    Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`w${i}`, tensor([0], [0, 0])])),
  ),
};

// --- pickles

const pickle = (...parts) =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part, 'latin1'))),
    text('.'),
  ]);
const shortString = (value) =>
  Buffer.concat([text('\x8c'.slice(0, 0)), Buffer.from([0x8c, value.length]), text(value)]);

const PICKLES = {
  'os-system': pickle(
    'cposix\nsystem\n',
    'U\x09echo pwned'.replace('\x09', String.fromCharCode(10)),
    '\x85R',
  ),
  'os-system-by-stack-global': Buffer.concat([
    Buffer.from([0x80, 4]),
    shortString('posix'),
    shortString('system'),
    Buffer.from([0x93]),
    shortString('echo pwned'),
    Buffer.from([0x85, 0x52, 0x2e]),
  ]),
  'eval-behind-an-allowed-name': pickle('c__builtin__\neval\n', 'U', Buffer.from([9]), '[].append', '\x85R'),
  'bytes-of-2^63': Buffer.concat([Buffer.from([0x80, 4, 0x8e]), u64(2n ** 63n - 1n), text('.')]),
  'string-of-4-GB': Buffer.concat([Buffer.from([0x80, 2, 0x58]), u32(0xffff_ffff), text('.')]),
  'integer-of-2-GB': Buffer.concat([Buffer.from([0x80, 2, 0x8b]), u32(0x7fff_ffff), text('.')]),
  'integer-of-200000-digits': pickle(`I${'9'.repeat(200_000)}\n`),
  'frame-of-2^60': Buffer.concat([Buffer.from([0x80, 4, 0x95]), u64(2n ** 60n), text('N.')]),
  'memo-2^32': Buffer.concat([Buffer.from([0x80, 2, 0x4e, 0x72]), u32(0xffff_ffff), text('.')]),
  'memo-never-stored': pickle('j', u32(7)),
  'protocol-255': Buffer.from([0x80, 255, 0x4e, 0x2e]),
  'unknown-opcode': pickle('\xff'),
  'no-end': Buffer.from([0x80, 2, 0x4e]),
  'empty-stack': pickle('0000'),
  'lists-100000-deep': pickle(']'.repeat(100_000), 'a'.repeat(99_999)),
  'tuples-100000-deep': pickle('N', '\x85'.repeat(100_000)),
  // Each tuple holds the one before twice: 2^60 leaves for who walks it without remembering.
  'tuples-of-2^60-leaves': pickle('N', ...Array.from({ length: 60 }, () => '2\x86')),
  'a-list-within-itself': pickle(']q\x00h\x00a'),
  '20000-imports': pickle('cos\nsystem\n0'.repeat(20_000), 'N'),
};

// --- zip archives, as torch.save writes them

/** @param entries name, bytes, and what the headers say otherwise */
const zip = (entries) => {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const {
    name,
    bytes,
    method = 0,
    stored = bytes,
    size = bytes.length,
    localName = name,
    at,
  } of entries) {
    const head = (signature, more) =>
      Buffer.concat([
        u32(signature),
        ...(more === undefined ? [] : [u16(20)]),
        u16(20),
        u16(0),
        u16(method),
        u16(0),
        u16(0),
        u32(crc32(bytes)),
        u32(stored.length),
        u32(size),
      ]);
    const local = Buffer.concat([head(0x04034b50), u16(localName.length), u16(0), text(localName), stored]);
    central.push(
      Buffer.concat([
        head(0x02014b50, true),
        u16(name.length),
        u16(0),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(at ?? offset),
        text(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.concat([
    u32(0x06054b50),
    u16(0),
    u16(0),
    u16(entries.length),
    u16(entries.length),
    u32(directory.length),
    u32(offset),
    u16(0),
  ]);
  return Buffer.concat([...locals, directory, end]);
};
const NONE = pickle('N');
const torch = (data, more = []) => zip([{ name: 'archive/data.pkl', bytes: data }, ...more]);
const BOMB = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });

const ARCHIVES = {
  'deflated-bomb': zip([
    { name: 'archive/data.pkl', bytes: Buffer.alloc(0), method: 8, stored: BOMB, size: 64 * 1024 * 1024 },
  ]),
  'size-of-4-GB': zip([{ name: 'archive/data.pkl', bytes: NONE, size: 0xfffffff0 }]),
  'two-of-one-name': torch(NONE, [{ name: 'archive/data.pkl', bytes: PICKLES['os-system'] }]),
  'name-in-capitals': zip([
    { name: 'archive/DATA.PKL', bytes: PICKLES['os-system'] },
    { name: 'archive/data.pkl', bytes: NONE },
  ]),
  'two-names-for-a-record': zip([{ name: 'archive/data.pkl', localName: 'archive/evil.pkl', bytes: NONE }]),
  'name-that-climbs-out': torch(NONE, [{ name: '../../outside/data', bytes: text('x') }]),
  'absolute-name': torch(NONE, [{ name: '/etc/cron.d/evil', bytes: text('x') }]),
  'offset-beyond-the-file': zip([{ name: 'archive/data.pkl', bytes: NONE, at: 0x7fffffff }]),
  'no-directory': torch(NONE).subarray(0, 60),
  'torchscript-code': torch(NONE, [
    { name: 'archive/constants.pkl', bytes: NONE },
    { name: 'archive/code/a.py', bytes: text('x') },
  ]),
  'a-bare-pickle': PICKLES['os-system'],
  'a-script-before-the-archive': Buffer.concat([text('#!/bin/sh\necho pwned\n'), torch(NONE)]),
};

// --- ONNX: protobuf by hand

const varint = (value) => {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const int = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const part = (field, ...bytes) => {
  const body = Buffer.concat(bytes.map((one) => (Buffer.isBuffer(one) ? one : text(one))));
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
};
const value = (field, name, type, dims) =>
  part(
    field,
    part(1, name),
    part(
      2,
      part(
        1,
        int(1, type),
        part(2, ...dims.map((dim) => part(1, typeof dim === 'string' ? part(2, dim) : int(1, dim)))),
      ),
    ),
  );
const attribute = (name, type, ...body) => part(5, part(1, name), int(20, type), ...body);
const node = (op, inputs, outputs, ...attributes) =>
  part(
    1,
    ...inputs.map((name) => part(1, name)),
    ...outputs.map((name) => part(2, name)),
    part(4, op),
    ...attributes,
  );
const raw = (dims, bytes, type = 1) => [...dims.map((dim) => int(1, dim)), int(2, type), part(9, bytes)];
const external = (location, { offset = '0', length = '4', dims = [1] } = {}) => [
  ...dims.map((dim) => int(1, dim)),
  int(2, 1),
  ...Object.entries({ location, offset, length }).map(([key, entry]) =>
    part(13, part(1, key), part(2, entry)),
  ),
  int(14, 1),
];
const initializer = (name, body) => part(5, part(8, name), ...body);
const INPUTS = [
  value(11, 'input_ids', 7, ['batch', 'sequence']),
  value(11, 'attention_mask', 7, ['batch', 'sequence']),
];
const OUTPUT = value(12, 'logits', 1, ['batch', 1]);
/** Mean of the ids: what a model must do at least, so that inference could begin. */
const MEAN = [
  node('Cast', ['input_ids'], ['ids'], attribute('to', 2, int(3, 1))),
  node('ReduceMean', ['ids'], ['mean'], attribute('axes', 7, int(8, 1)), attribute('keepdims', 2, int(3, 1))),
];
const onnx = (parts, functions = []) =>
  Buffer.concat([
    int(1, 8),
    part(8, int(2, 13)),
    part(7, ...MEAN, part(2, 'g'), ...parts, ...INPUTS, OUTPUT),
    ...functions,
  ]);
const add = (name) => node('Add', ['mean', name], ['logits']);
const IDENTITY = node('Identity', ['mean'], ['logits']);
/** What lies beside the bundle, where nothing may be read. */
const OUTSIDE = '../outside/weights.bin';
const branchOf = (body) => [part(2, 'b'), ...body, value(12, 'branch', 1, [1])];
const condition = initializer('yes', raw([], Buffer.from([1]), 9));
const branches = (depth) => {
  let body = branchOf([
    node('Constant', [], ['branch'], attribute('value', 4, part(5, ...raw([1], Buffer.alloc(4))))),
  ]);
  for (let i = 0; i < depth; i++)
    body = branchOf([node('If', ['yes'], ['branch'], attribute('then_branch', 5, part(6, ...body)))]);
  return body;
};
const fill = (count) => [
  initializer('count', raw([1], u64(count), 7)),
  node('ConstantOfShape', ['count'], ['filled']),
  node('ReduceSum', ['filled'], ['sum'], attribute('keepdims', 2, int(3, 0))),
  add('sum'),
];

const ONNX = {
  'absolute-path': onnx([initializer('w', external('/dev/zero')), add('w')]),
  'path-that-climbs-out': onnx([initializer('w', external(OUTSIDE)), add('w')]),
  'path-that-climbs-out-late': onnx([initializer('w', external(`onnx/../${OUTSIDE}`)), add('w')]),
  'path-of-windows': onnx([initializer('w', external('..\\outside\\weights.bin')), add('w')]),
  'path-in-a-branch': onnx([
    condition,
    node(
      'If',
      ['yes'],
      ['w'],
      attribute('then_branch', 5, part(6, ...branchOf([initializer('branch', external(OUTSIDE))]))),
      attribute('else_branch', 5, part(6, ...branchOf([initializer('branch', external('/dev/zero'))]))),
    ),
    add('w'),
  ]),
  'path-in-a-constant': onnx([
    node('Constant', [], ['w'], attribute('value', 4, part(5, ...external(OUTSIDE)))),
    add('w'),
  ]),
  'path-in-a-sparse-tensor': onnx([
    part(15, part(1, part(8, 'w'), ...external(OUTSIDE)), part(2, ...raw([1], u64(0), 7)), int(3, 1)),
    add('w'),
  ]),
  'path-in-a-function': onnx(
    [part(1, part(2, 'w'), part(4, 'F'), part(7, 'own')), add('w')],
    [
      part(8, part(1, 'own'), int(2, 1)),
      part(
        25,
        part(1, 'F'),
        part(5, 'w'),
        part(7, part(2, 'w'), part(4, 'Constant'), attribute('value', 4, part(5, ...external(OUTSIDE)))),
        part(9, int(2, 13)),
        part(10, 'own'),
      ),
    ],
  ),
  'offset-past-the-end': onnx([
    initializer('w', external('model.safetensors', { offset: String(2 ** 52) })),
    add('w'),
  ]),
  'negative-offset': onnx([initializer('w', external('model.safetensors', { offset: '-8' })), add('w')]),
  'length-of-2^62': onnx([
    initializer('w', external('model.safetensors', { length: String(2n ** 62n) })),
    add('w'),
  ]),
  'dims-2^62': onnx([initializer('w', raw([2n ** 31n, 2n ** 31n], Buffer.alloc(4))), add('w')]),
  'dims-negative': onnx([initializer('w', raw([-1], Buffer.alloc(4))), add('w')]),
  'a-tensor-of-2^48-bytes': onnx(fill(2n ** 46n)),
  'a-loop-without-end': onnx([
    initializer('times', raw([], u64(2n ** 62n), 7)),
    condition,
    node(
      'Loop',
      ['times', 'yes', 'mean'],
      ['logits'],
      attribute(
        'body',
        5,
        part(
          6,
          node('Identity', ['c'], ['d']),
          node('Identity', ['x'], ['y']),
          part(2, 'body'),
          value(11, 'i', 7, []),
          value(11, 'c', 9, []),
          value(11, 'x', 1, ['batch', 1]),
          value(12, 'd', 9, []),
          value(12, 'y', 1, ['batch', 1]),
        ),
      ),
    ),
  ]),
  'branches-2000-deep': onnx([
    condition,
    node('If', ['yes'], ['w'], attribute('then_branch', 5, part(6, ...branches(2000)))),
    add('w'),
  ]),
  'groups-100000-deep': Buffer.alloc(100_000, (7 << 3) | 3),
  'length-of-2^63': Buffer.concat([varint((7 << 3) | 2), varint(2n ** 63n)]),
  'a-node-in-a-circle': onnx([node('Add', ['mean', 'logits'], ['logits'])]),
  'another-domain': onnx([part(1, part(1, 'mean'), part(2, 'logits'), part(4, 'Run'), part(7, 'evil.ops'))]),
  'no-graph': int(1, 8),
  'pickle-of-that-name': PICKLES['os-system'],
  'opset-2^40': Buffer.concat([
    int(1, 8),
    part(8, int(2, 2n ** 40n)),
    part(7, ...MEAN, IDENTITY, part(2, 'g'), ...INPUTS, OUTPUT),
  ]),
};

// --- tables

const HEADER = 'sql,reasoning,nl,similarity_with_penalty';
const ROW = 'SELECT 1,think,one,0.5';
const CSV = {
  'quote-never-closed': text(`${HEADER}\n"${'SELECT 1,think,one,0.5\n'.repeat(2000)}`),
  'a-cell-of-200-kB': text(`${HEADER}\n${'x'.repeat(200_000)},think,one,0.5\n`),
  '50000-columns': text(`${HEADER},${'c,'.repeat(50_000)}\n${ROW}\n`),
  'columns-of-one-name': text(`${HEADER},sql,sql\n${ROW},a,b\n`),
  'column-__proto__': text(`${HEADER},__proto__,constructor\n${ROW},a,b\n`),
  'nul-bytes': Buffer.concat([text(`${HEADER}\n`), Buffer.alloc(100_000)]),
  'not-utf-8': Buffer.concat([
    text(`${HEADER}\nSELECT `),
    Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
    text(',think,one,0.5\n'),
  ]),
  'utf-16': Buffer.from(`\ufeff${HEADER}\n${ROW}\n`, 'utf16le'),
  'label-1e999': text(`${HEADER}\nSELECT 1,think,one,1e999\n`),
  'label-nan': text(`${HEADER}\nSELECT 1,think,one,nan\n`),
  'label-of-100000-digits': text(`${HEADER}\nSELECT 1,think,one,0.${'3'.repeat(100_000)}\n`),
  'a-formula': text(`${HEADER}\n=cmd|' /C calc'!A0,think,one,0.5\n`),
  'an-escape': text(`${HEADER}\n\u001b[2J\u001b]0;owned\u0007,think,one,2\n`),
  empty: Buffer.alloc(0),
  'header-only': text(`${HEADER}\n`),
  '100000-blank-lines': text(`${HEADER}\n${'\n'.repeat(100_000)}${ROW}\n`),
};

// --- tokenizers

const tokenizer = (more) =>
  text(
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: null,
      decoder: null,
      model: { type: 'WordLevel', vocab: { '[UNK]': 0, a: 1 }, unk_token: '[UNK]' },
      ...more,
    }),
  );
const replace = (pattern, content) => ({ type: 'Replace', pattern, content });

const TOKENIZERS = {
  'nested-20000-deep': text('{"model":'.repeat(20_000)),
  'model-unknown': tokenizer({ model: { type: 'Evil' } }),
  'model-missing': tokenizer({ model: null }),
  'vocabulary-a-list-of-numbers': tokenizer({ model: { type: 'BPE', vocab: [1, 2, 3], merges: [] } }),
  'vocabulary-__proto__': text(
    '{"version":"1.0","model":{"type":"WordLevel","vocab":{"__proto__":{"polluted":1},"constructor":2},"unk_token":"a"}}',
  ),
  'id-2^53': tokenizer({
    model: { type: 'WordLevel', vocab: { '[UNK]': 0, a: 2 ** 53 }, unk_token: '[UNK]' },
  }),
  'id-negative': tokenizer({ model: { type: 'WordLevel', vocab: { '[UNK]': -1 }, unk_token: '[UNK]' } }),
  'expression-that-backtracks': tokenizer({
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: '^(([a-zA-Z ,.=]+)+)+\u0001$' },
      behavior: 'Removed',
      invert: false,
    },
  }),
  'expression-that-is-none': tokenizer({
    pre_tokenizer: { type: 'Split', pattern: { Regex: '(' }, behavior: 'Removed', invert: false },
  }),
  'text-that-doubles-60-times': tokenizer({
    normalizer: {
      type: 'Sequence',
      normalizers: Array.from({ length: 60 }, () => replace({ String: 'e' }, 'ee')),
    },
  }),
  'an-added-token-of-100-kB': tokenizer({
    added_tokens: [
      {
        id: 5,
        content: 'x'.repeat(100_000),
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
  }),
  'an-added-token-of-nothing': tokenizer({
    added_tokens: [
      {
        id: 5,
        content: '',
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
  }),
  'merges-of-nothing': tokenizer({
    model: {
      type: 'BPE',
      vocab: { '': 0, a: 1 },
      merges: [
        ['', ''],
        ['a', ''],
      ],
      unk_token: '',
    },
  }),
  'a-list': text('[]'),
  nan: text('{"version": NaN}'),
};

// --- pictures

const chunk = (kind, data) => {
  const body = Buffer.concat([text(kind), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
};
const header = (width, height) => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 6, 0, 0, 0], 8);
  return chunk('IHDR', data);
};
const PNG_MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const png = (...chunks) => Buffer.concat([PNG_MAGIC, ...chunks]);
const PIXELS = chunk('IDAT', deflateSync(Buffer.alloc(8 * 1024 * 1024), { level: 9 }));

const PICTURES = {
  'claims-2^31-pixels': png(header(0x7fffffff, 0x7fffffff), PIXELS, chunk('IEND', Buffer.alloc(0))),
  'inflates-a-thousandfold': png(header(2000, 1000), PIXELS, PIXELS, PIXELS, chunk('IEND', Buffer.alloc(0))),
  'chunk-of-4-GB': png(header(1, 1), Buffer.from([0xff, 0xff, 0xff, 0xff]), text('IDAT')),
  'no-pixels': png(header(0, 0)),
  'html-of-that-name': text('<script>alert(1)</script>'),
  'text-chunk-of-a-secret-reader': png(
    header(1, 1),
    chunk(
      'iTXt',
      text(
        'x\0\0\0\0\0<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
      ),
    ),
  ),
};

// --- the card's YAML

const card = (yaml) => text(`---\n${yaml}\n---\n\n# Model\n`);
const laughs = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`),
];

const CARDS = {
  'a-billion-laughs': card(laughs.join('\n')),
  'nested-20000-deep': card(`tags: ${'['.repeat(20_000)}`),
  'an-alias-to-itself': card('tags: &a [*a]'),
  'a-tag-that-runs': card('license: !!python/object/apply:os.system ["echo pwned"]'),
  'a-function': card('license: !!js/function "function () { return 1 }"'),
  'key-__proto__': card('__proto__: {license: mit}\nconstructor: {prototype: {x: 1}}'),
  'a-number-of-100000-digits': card(`license: ${'9'.repeat(100_000)}`),
  'never-closed': text(`---\nlicense: mit\n${'tags: x\n'.repeat(20_000)}`),
  '100000-dashes': text('-'.repeat(100_000)),
  'brackets-that-backtrack': text(
    `---\nlicense: mit\n---\n${'[a]('.repeat(20_000)}\n${'`'.repeat(50_000)}\n${'<a '.repeat(20_000)}`,
  ),
  'a-table-of-pipes': text(`---\nlicense: mit\n---\n${'|'.repeat(100_000)}\n${'| --- '.repeat(20_000)}\n`),
  'a-handlebars-loop': card('license: mit')
    .subarray(0)
    .toString()
    .concat('{{#each this}}{{> @partial-block}}{{/each}}'),
  'a-path-that-climbs-out': text(
    '---\nlicense: mit\n---\n![x](../outside/weights.bin)\n[y](../../../../etc/passwd)\n[z](file:///etc/passwd)\n',
  ),
};

// --- our own settings

const CONFIGS = {
  'key-__proto__': text(
    '{"__proto__": {"input": {}}, "input": {"template": "{{sql}}", "label": "similarity_with_penalty", "maxLength": 64}}',
  ),
  'prose-from-outside': text(
    '{"input": {"template": "{{sql}}", "label": "similarity_with_penalty", "maxLength": 64}, "card": {"summary": "../outside/notes.md"}}',
  ),
  'templates-from-outside': text(
    '{"input": {"template": "{{sql}}", "label": "similarity_with_penalty", "maxLength": 64}, "card": {"templates": "../outside"}}',
  ),
  'template-of-20000-columns': text(
    JSON.stringify({
      input: { template: '{{sql}}'.repeat(20_000), label: 'similarity_with_penalty', maxLength: 64 },
    }),
  ),
  'length-1e9': text(
    '{"input": {"template": "{{sql}}", "label": "similarity_with_penalty", "maxLength": 1000000000}}',
  ),
  'baseline-from-outside': text(
    '{"input": {"template": "{{sql}}", "label": "similarity_with_penalty", "maxLength": 64}, "verify": {"baseline": {"source": "../outside/weights.bin"}}}',
  ),
};

/** The files by their path: the folder says in whose place each goes. */
export const HOSTILE_FILES = Object.fromEntries(
  Object.entries({
    safetensors: SAFETENSORS,
    // As torch.save packs them: a bare one is refused before it is read.
    pickle: Object.fromEntries(Object.entries(PICKLES).map(([name, bytes]) => [name, torch(bytes)])),
    torch: ARCHIVES,
    onnx: ONNX,
    csv: CSV,
    tokenizer: TOKENIZERS,
    png: PICTURES,
    card: CARDS,
    config: CONFIGS,
  }).flatMap(([kind, files]) =>
    Object.entries(files).map(([name, bytes]) => [
      `${kind}/${name}`,
      typeof bytes === 'string' ? text(bytes) : bytes,
    ]),
  ),
);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const [path, bytes] of Object.entries(HOSTILE_FILES)) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
    writeFileSync(join(FOLDER, path), bytes);
  }
}
