import { HubwrightError } from '../errors.ts';
import { type PickleCall, type PickleValue, readPickle } from './pickle.ts';
import { DTYPE_BYTES, type Dtype } from './safetensors.ts';
import { readTorchArchive, type TorchArchive } from './torch-archive.ts';

/** One tensor of a state dict; `data` is a view of the archive, row-major and little-endian. */
export interface StateDictTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const REBUILD = 'torch._utils._rebuild_tensor_v2';
const ORDERED_DICT = 'collections.OrderedDict';
const STORAGES: Readonly<Record<string, Dtype>> = {
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.DoubleStorage': 'F64',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

const MAX_AXES = 8;
/** Tied weights stand in a state dict twice and in its archive once; nothing honest goes further. */
const MAX_COPIES = 2;

/**
 * Reads a state dict that `torch.save` wrote, without unpickling it: names, types and the bytes of plain tensors.
 *
 * @throws HubwrightError INPUT_INVALID for anything else in it, naming the tensor.
 */
export async function readStateDict(bytes: Uint8Array, file: string): Promise<StateDictTensor[]> {
  const archive = await readTorchArchive(bytes);
  const order = archive.entries.get('byteorder');
  if (order !== undefined && text(bytes, order.offset, order.byteLength) !== 'little') {
    throw invalid(file, 'was written on a big-endian machine');
  }
  const { value, imports } = readPickle(archive.pickle);
  const strange = imports.find((name) => name !== REBUILD && name !== ORDERED_DICT && !isStorage(name));
  if (strange !== undefined)
    throw invalid(file, `imports ${strange}; a state dict of plain tensors needs no such thing`);
  const tensors: StateDictTensor[] = [];
  let total = 0;
  for (const [name, item] of listEntries(value, file)) {
    if (typeof name !== 'string' || name === '__metadata__')
      throw invalid(file, 'has a key that is no tensor name');
    const tensor = {
      name,
      ...readTensor(item, archive, bytes, (what) => invalid(`${file}: tensor ${name}`, what)),
    };
    total += tensor.data.length;
    if (total > MAX_COPIES * bytes.length) {
      throw invalid(file, `holds tensors of more than ${MAX_COPIES} times its own size: they share storage`);
    }
    tensors.push(tensor);
  }
  return tensors;
}

function listEntries(value: PickleValue, file: string): Iterable<[PickleValue, PickleValue]> {
  if (value instanceof Map) return value;
  if (isCall(value, ORDERED_DICT) && value.args.length === 0) return value.entries ?? new Map();
  throw invalid(file, 'is not a state dict: a dict of tensors was expected');
}

type Fault = (what: string) => HubwrightError;

function readTensor(
  value: PickleValue,
  archive: TorchArchive,
  bytes: Uint8Array,
  fault: Fault,
): Omit<StateDictTensor, 'name'> {
  if (!isCall(value, REBUILD) || value.args.length !== 6 || value.state !== undefined) {
    throw fault(`is not a plain tensor; only those of ${REBUILD} are read`);
  }
  const [storage, start, sizes, steps, , hooks] = value.args;
  if (!isCall(hooks, ORDERED_DICT) || (hooks.entries?.size ?? 0) > 0) throw fault('has hooks');
  const { dtype, offset, count } = readStorage(storage, archive, fault);
  const shape = readSizes(sizes, fault);
  const strides = readSizes(steps, fault);
  if (!isContiguous(shape, strides)) {
    throw fault(`is not contiguous: shape [${shape.join(', ')}], strides [${strides.join(', ')}]`);
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!isSize(start) || !Number.isSafeInteger(elements) || start + elements > count) {
    throw fault(`of shape [${shape.join(', ')}] lies outside its storage of ${count} elements`);
  }
  const from = offset + start * DTYPE_BYTES[dtype];
  return { dtype, shape, data: bytes.subarray(from, from + elements * DTYPE_BYTES[dtype]) };
}

/** torch names a storage by `('storage', type, key, device, elements)`; its bytes are the record `data/key`. */
function readStorage(value: PickleValue | undefined, archive: TorchArchive, fault: Fault) {
  const id = isObject(value) && 'kind' in value && value.kind === 'persistent' ? value.id : undefined;
  const items = isObject(id) && 'kind' in id && id.kind === 'tuple' ? id.items : [];
  const [word, type, key, , count] = items;
  const dtype = STORAGES[nameOf(type) ?? ''];
  if (
    items.length !== 5 ||
    word !== 'storage' ||
    dtype === undefined ||
    typeof key !== 'string' ||
    !isSize(count)
  ) {
    throw fault('has a storage of an unknown kind');
  }
  const record = archive.entries.get(`data/${key}`);
  if (record === undefined || record.byteLength !== count * DTYPE_BYTES[dtype]) {
    throw fault(`has its data in data/${JSON.stringify(key)}, which is missing or of another size`);
  }
  return { dtype, offset: record.offset, count };
}

function readSizes(value: PickleValue | undefined, fault: Fault): number[] {
  const items = isObject(value) && 'kind' in value && value.kind === 'tuple' ? value.items : undefined;
  if (items === undefined || items.length > MAX_AXES || !items.every(isSize))
    throw fault('has no proper shape');
  return items.filter(isSize);
}

/** The stride of an axis of one element is never used, and torch writes any number there. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.length !== strides.length) return false;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 0;
    if (size !== 1 && strides[axis] !== expected && !shape.includes(0)) return false;
    expected *= size;
  }
  return true;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(
  value: PickleValue | undefined,
): value is Exclude<PickleValue, string | number | bigint | boolean | null> {
  return typeof value === 'object' && value !== null;
}

function isCall(value: PickleValue | undefined, callable: string): value is PickleCall {
  return (
    isObject(value) &&
    'kind' in value &&
    value.kind === 'call' &&
    value.opcode === 'REDUCE' &&
    nameOf(value.callable) === callable
  );
}

function nameOf(value: PickleValue | undefined): string | undefined {
  const isGlobal = isObject(value) && 'kind' in value && value.kind === 'global';
  return isGlobal ? `${value.module}.${value.name}` : undefined;
}

function isStorage(name: string): boolean {
  return Object.hasOwn(STORAGES, name);
}

function text(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1');
}

function invalid(where: string, what: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `${where} ${what}`, {
    hint: 'in Python: safetensors.torch.save_file(model.state_dict(), "model.safetensors")',
  });
}
