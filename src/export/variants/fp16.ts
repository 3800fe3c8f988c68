import { create } from '@bufbuild/protobuf';
import { encodeFloat16 } from '../../formats/half.ts';
import {
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
} from '../../graph/generated/onnx_pb.ts';
import { toAttribute } from '../../graph/graph.ts';
import { branchesOf, type Draft, type Form, makeNode, type StoredWeight } from './model.ts';

/** What a float value is computed in. A constant or a weight is as its reader wants it. */
type Precision = 'half' | 'single' | 'any';
type Fixed = Exclude<Precision, 'any'>;

const TYPE = { half: TensorProto_DataType.FLOAT16, single: TensorProto_DataType.FLOAT } as const;
const SUFFIX = { half: '.half', single: '.single' } as const;
/** The largest float16; what hides a token from attention must stay finite. */
const LARGEST = 65504;

/** Operators whose output is no float, whatever they read. */
const INTEGER = new Set([
  'Shape',
  'Equal',
  'Less',
  'LessOrEqual',
  'Greater',
  'GreaterOrEqual',
  'Not',
  'And',
  'Or',
]);

/** Operators that sum over all tokens: halves of 2,048 and one are 2,048. */
const SINGLE = new Set(['Softmax']);

/**
 * Rewrites the encoder to half precision. What follows from positions or weights alone, such as the angles of rotary
 * embeddings and DeBERTa's relative positions, stays in float32 up to where it meets a state; so do the softmax of
 * attention and everything behind the last hidden state, where sums over all tokens would lose digits.
 */
export function toFloat16({ graph, weights, head }: Draft): StoredWeight[] {
  const constants = new Map(
    graph.initializer
      .filter(
        (tensor) =>
          tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL && tensor.dataType === TYPE.single,
      )
      .map((tensor) => [tensor.name, tensor]),
  );
  const precisions = new Map<string, Precision>(
    [...weights.keys(), ...constants.keys()].map((name) => [name, 'any']),
  );
  const stored = new Map<string, StoredWeight>();
  const halves = new Map<string, TensorProto>();

  /** The name of a constant or weight in a precision. A weight that both need is stored twice. */
  const take = (name: string, wanted: Fixed): string => {
    const constant = constants.get(name);
    if (constant !== undefined) {
      if (wanted === 'single') return name;
      halves.set(name, toHalf(constant));
      return name + SUFFIX.half;
    }
    const source = weights.get(name);
    if (source === undefined) throw new TypeError(`${name} is no weight`);
    const form: Form = wanted === 'half' ? 'float16' : 'float32';
    const other = stored.get(name);
    const as = other === undefined || other.form === form ? name : name + SUFFIX[wanted];
    stored.set(as, { name: as, source, form });
    return as;
  };

  /** Rewrites nodes in a scope of their own: what is cast inside a branch is not seen outside. */
  const rewrite = (nodes: readonly NodeProto[], scope: Scope): NodeProto[] => {
    const result: NodeProto[] = [];
    const cast = (value: string, to: Fixed) => {
      const key = value + SUFFIX[to];
      if (!scope.casts.has(key)) {
        scope.casts.add(key);
        result.push(makeNode('Cast', [value], key, { attribute: [toAttribute('to', { int: TYPE[to] })] }));
      }
      return key;
    };
    for (const node of nodes) {
      const [output = ''] = node.output;
      const branches = branchesOf(node);
      if (branches.length > 0) {
        const found = branches.map((branch) => rewriteBranch(branch, scope));
        const float = found.find((precision) => precision !== undefined);
        if (float !== undefined) scope.precisions.set(output, float);
        result.push(node);
        continue;
      }
      const given = node.input.map((name) => scope.precisions.get(name));
      const inHead = head.has(output);
      const wanted = inHead || SINGLE.has(node.opType) ? 'single' : choose(given);
      if (wanted !== undefined) {
        node.input = node.input.map((name, i) => {
          if (given[i] === undefined || given[i] === wanted) return name;
          if (given[i] !== 'any') return cast(name, wanted);
          // What is stored in halves for others, or could be, is not stored once more.
          return wanted === 'half' || inHead || constants.has(name)
            ? take(name, wanted)
            : cast(take(name, 'half'), wanted);
        });
      }
      const precision = castsToFloat(node) ? 'single' : isInteger(node) ? undefined : wanted;
      if (precision !== undefined) scope.precisions.set(output, precision);
      result.push(node);
    }
    return result;
  };

  const rewriteBranch = (branch: GraphProto, outer: Scope): Fixed | undefined => {
    const scope = { precisions: new Map(outer.precisions), casts: new Set(outer.casts) };
    branch.node = rewrite(branch.node, scope);
    retype(branch.output, scope.precisions);
    const precision = scope.precisions.get(branch.output[0]?.name ?? '');
    return precision === 'any' ? undefined : precision;
  };

  const scope: Scope = { precisions, casts: new Set() };
  graph.node = rewrite(graph.node, scope);
  retype(graph.valueInfo, scope.precisions);
  const used = new Set(listInputs(graph.node));
  graph.initializer = [...graph.initializer, ...halves.values()].filter(
    ({ name }) => used.has(name) && !weights.has(name),
  );
  return [...stored.values()];
}

interface Scope {
  /** Of every float value; others are not in it. */
  readonly precisions: Map<string, Precision>;
  readonly casts: Set<string>;
}

/**
 * One half makes the whole operation half. One that reads nothing but weights is the same for every text and computed
 * when the graph is loaded; of halves ONNX Runtime 1.30 cannot do that on CPUs, and its process ends without a word.
 */
function choose(given: readonly (Precision | undefined)[]): Fixed | undefined {
  if (given.includes('half')) return 'half';
  if (given.includes('single') || given.every((precision) => precision === 'any')) return 'single';
  return given.includes('any') ? 'half' : undefined;
}

function isInteger({ opType }: NodeProto): boolean {
  return opType === 'Cast' || INTEGER.has(opType);
}

function castsToFloat({ opType, attribute }: NodeProto): boolean {
  return opType === 'Cast' && attribute.some(({ name, i }) => name === 'to' && Number(i) === TYPE.single);
}

function retype(infos: readonly ValueInfoProto[], precisions: ReadonlyMap<string, Precision>): void {
  for (const { name, type } of infos) {
    if (type?.value.case === 'tensorType' && precisions.get(name) === 'half')
      type.value.value.elemType = TYPE.half;
  }
}

function toHalf({ name, dims, rawData }: TensorProto): TensorProto {
  const numbers = new Float32Array(rawData.slice().buffer);
  const half = Uint16Array.from(numbers, (x) => encodeFloat16(Math.max(-LARGEST, Math.min(LARGEST, x))));
  return create(TensorProtoSchema, {
    name: name + SUFFIX.half,
    dims,
    dataType: TYPE.half,
    rawData: new Uint8Array(half.buffer),
  });
}

function* listInputs(nodes: readonly NodeProto[]): Generator<string> {
  for (const node of nodes) {
    yield* node.input;
    for (const branch of branchesOf(node)) yield* listInputs(branch.node);
  }
}
