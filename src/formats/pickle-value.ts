/**
 * What a pickle says, as data. Classes, functions and the calls that Python would make stay names:
 * nothing here can be run.
 */
export type PickleValue =
  | PickleScalar
  | PickleValue[]
  | PickleTuple
  | PickleSet
  | PickleDict
  | PickleGlobal
  | PickleCall
  | PicklePersistent;

/** A Python int is a number where a double holds it exactly, else a bigint; a float is always a number. */
export type PickleScalar = null | boolean | number | bigint | string | Uint8Array;

/** A Map, not an object: a key named `__proto__` is a key like any other. */
export interface PickleDict extends Map<PickleValue, PickleValue> {}

export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

export interface PickleSet {
  readonly kind: 'set';
  readonly frozen: boolean;
  readonly items: PickleValue[];
}

/** An import (GLOBAL, STACK_GLOBAL, INST), never looked up. From protocol 4 on `name` may hold dots. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}

/** A call that Python would make; `collections.OrderedDict` and its like then receive `entries` or `items`. */
export interface PickleCall {
  readonly kind: 'call';
  readonly opcode: 'REDUCE' | 'NEWOBJ' | 'NEWOBJ_EX' | 'INST' | 'OBJ';
  readonly callable: PickleValue;
  readonly args: readonly PickleValue[];
  readonly keywords?: PickleDict;
  /** What BUILD would hand to `__setstate__`, or merge into `__dict__`. */
  state?: PickleValue;
  items?: PickleValue[];
  entries?: PickleDict;
}

/** An object kept outside the pickle; torch puts `('storage', type, key, device, count)` here. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

/** The values directly inside `value`, in file order. */
export function listChildren(value: PickleValue): readonly PickleValue[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value].flat(1);
  switch (value.kind) {
    case 'global':
      return [];
    case 'persistent':
      return [value.id];
    case 'tuple':
    case 'set':
      return value.items;
    case 'call': {
      const parts: PickleValue[] = [value.callable, ...value.args, ...(value.items ?? [])];
      if (value.keywords !== undefined) parts.push(value.keywords);
      if (value.entries !== undefined) parts.push(value.entries);
      if (value.state !== undefined) parts.push(value.state);
      return parts;
    }
  }
}
