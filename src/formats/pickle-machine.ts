import { failAt, type PickleCursor } from './pickle-arguments.ts';
import type { PickleCall, PickleDict, PickleGlobal, PickleTuple, PickleValue } from './pickle-value.ts';

/**
 * The unpickler's state. `stack` is the part above the newest mark and `marked` holds the parts below,
 * so that nothing has to be searched.
 */
export interface PickleMachine {
  readonly cursor: PickleCursor;
  stack: PickleValue[];
  readonly marked: PickleValue[][];
  stackSize: number;
  readonly memo: Map<number, PickleValue>;
  readonly globals: Map<string, PickleGlobal>;
  readonly calls: PickleCall[];
}

export function push(machine: PickleMachine, value: PickleValue): void {
  const { stack: limit } = machine.cursor.limits;
  if (machine.stackSize >= limit) throw failAt(machine.cursor, `more than ${limit} values on the stack`);
  machine.stackSize += 1;
  machine.stack.push(value);
}

export function pop(machine: PickleMachine): PickleValue {
  const value = machine.stack.pop();
  if (value === undefined) throw failAt(machine.cursor, 'the stack is empty');
  machine.stackSize -= 1;
  return value;
}

export function peek(machine: PickleMachine): PickleValue {
  const value = machine.stack.at(-1);
  if (value === undefined) throw failAt(machine.cursor, 'the stack is empty');
  return value;
}

export function openMark(machine: PickleMachine): void {
  const { marks: limit } = machine.cursor.limits;
  if (machine.marked.length >= limit) throw failAt(machine.cursor, `more than ${limit} open marks`);
  machine.marked.push(machine.stack);
  machine.stack = [];
}

/** Takes everything above the newest mark, and the mark. */
export function popMark(machine: PickleMachine): PickleValue[] {
  const below = machine.marked.pop();
  if (below === undefined) throw failAt(machine.cursor, 'no mark is open');
  const items = machine.stack;
  machine.stack = below;
  machine.stackSize -= items.length;
  return items;
}

/** CPython drops the mark itself when nothing lies above it. */
export function discard(machine: PickleMachine): void {
  if (machine.stack.length > 0) pop(machine);
  else popMark(machine);
}

export function remember(machine: PickleMachine, index: number): void {
  const { memo: limit } = machine.cursor.limits;
  if (index >= limit) throw failAt(machine.cursor, `memo entry ${index}; at most ${limit} are kept`);
  machine.memo.set(index, peek(machine));
}

export function recall(machine: PickleMachine, index: number): void {
  const value = machine.memo.get(index);
  if (value === undefined) throw failAt(machine.cursor, `memo entry ${index} was never set`);
  push(machine, value);
}

export function pushGlobal(machine: PickleMachine, module: PickleValue, name: PickleValue): void {
  push(machine, nameGlobal(machine, module, name));
}

export function nameGlobal(machine: PickleMachine, module: PickleValue, name: PickleValue): PickleGlobal {
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw failAt(machine.cursor, 'an import whose module and name are not both text');
  }
  const { nameLength } = machine.cursor.limits;
  if (module.length > nameLength || name.length > nameLength) {
    throw failAt(machine.cursor, `an import whose name is longer than ${nameLength} characters`);
  }
  // Import names end up in reports and on terminals.
  if (/\p{C}/u.test(module + name))
    throw failAt(machine.cursor, 'an import whose name holds control characters');
  const key = JSON.stringify([module, name]);
  const global = machine.globals.get(key) ?? { kind: 'global', module, name };
  machine.globals.set(key, global);
  return global;
}

/** Notes a call and pushes it in the place of its result. */
export function pushCall(machine: PickleMachine, call: PickleCall): void {
  machine.calls.push(call);
  push(machine, call);
}

export function callWithTuple(machine: PickleMachine, opcode: 'REDUCE' | 'NEWOBJ'): void {
  const args = popTuple(machine);
  pushCall(machine, { kind: 'call', opcode, callable: pop(machine), args: args.items });
}

export function callWithKeywords(machine: PickleMachine): void {
  const keywords = pop(machine);
  if (!(keywords instanceof Map)) throw failAt(machine.cursor, 'keyword arguments that are not a dict');
  const args = popTuple(machine);
  pushCall(machine, {
    kind: 'call',
    opcode: 'NEWOBJ_EX',
    callable: pop(machine),
    args: args.items,
    keywords,
  });
}

export function callMarked(machine: PickleMachine): void {
  const [callable, ...args] = popMark(machine);
  if (callable === undefined) throw failAt(machine.cursor, 'a call of nothing');
  pushCall(machine, { kind: 'call', opcode: 'OBJ', callable, args });
}

function popTuple(machine: PickleMachine): PickleTuple {
  const value = pop(machine);
  if (!isNode(value) || value.kind !== 'tuple') {
    throw failAt(machine.cursor, 'call arguments that are not a tuple');
  }
  return value;
}

export function attachState(machine: PickleMachine): void {
  const state = pop(machine);
  const target = peek(machine);
  // On a class or a module BUILD would overwrite its attributes: an attack, and never what a pickler writes.
  if (!isNode(target) || target.kind !== 'call')
    throw failAt(machine.cursor, 'state for what is not an object');
  if (target.state !== undefined) throw failAt(machine.cursor, 'state for an object that already has one');
  target.state = state;
}

export function appendItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = peek(machine);
  let list: PickleValue[];
  if (Array.isArray(target)) list = target;
  else if (isNode(target) && target.kind === 'call') list = target.items ??= [];
  else throw failAt(machine.cursor, 'items for what is not a list');
  for (const item of items) list.push(item);
}

export function addToSet(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = peek(machine);
  if (!isNode(target) || target.kind !== 'set' || target.frozen) {
    throw failAt(machine.cursor, 'items for what is not a set');
  }
  for (const item of items) target.items.push(item);
}

export function setEntries(machine: PickleMachine, keysAndValues: readonly PickleValue[]): void {
  const target = peek(machine);
  if (target instanceof Map) addEntries(machine, target, keysAndValues);
  else if (isNode(target) && target.kind === 'call') {
    target.entries ??= new Map();
    addEntries(machine, target.entries, keysAndValues);
  } else throw failAt(machine.cursor, 'entries for what is not a dict');
}

export function addEntries(
  machine: PickleMachine,
  dict: PickleDict,
  keysAndValues: readonly PickleValue[],
): void {
  const { numberKeys } = machine.cursor.limits;
  for (let index = 0; index < keysAndValues.length; index += 2) {
    const key = keysAndValues[index];
    const value = keysAndValues[index + 1];
    if (key === undefined || value === undefined) throw failAt(machine.cursor, 'a key without a value');
    if (Array.isArray(key) || key instanceof Map) throw failAt(machine.cursor, 'a list or dict as a key');
    if (dict.size >= numberKeys && (typeof key === 'number' || typeof key === 'bigint')) {
      throw failAt(machine.cursor, `a number as a key in a dict of more than ${numberKeys} entries`);
    }
    dict.set(key, value);
  }
}

/** A value with a `kind`: neither a scalar nor a list or dict. */
export function isNode(value: PickleValue): value is Extract<PickleValue, { readonly kind: string }> {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
