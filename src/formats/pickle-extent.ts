import { listChildren, type PickleValue } from './pickle-value.ts';

export interface PickleExtent {
  /** Levels of nesting; 0 for a scalar. */
  readonly depth: number;
  /** Values plus characters when shared objects are written out at each use. May reach Infinity. */
  readonly size: number;
}

interface Visit {
  readonly value: object;
  readonly children: readonly PickleValue[];
  next: number;
  depth: number;
  size: number;
}

/**
 * Measures a value as the tree that a walk over it would see, in time linear in the number of distinct
 * objects and without recursion. `undefined` when the value holds itself.
 */
export function measureExtent(root: PickleValue): PickleExtent | undefined {
  const known = new Map<object, PickleExtent>();
  const open = new Set<object>();
  const visits: Visit[] = [];
  let done = measureScalar(root);
  if (done !== undefined) return done;
  enter(root);
  for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
    const child = visit.children[visit.next];
    if (child === undefined) {
      done = { depth: visit.depth + 1, size: visit.size + 1 };
      known.set(visit.value, done);
      open.delete(visit.value);
      visits.pop();
      continue;
    }
    const extent = measureScalar(child) ?? known.get(child as object);
    if (extent !== undefined) {
      visit.depth = Math.max(visit.depth, extent.depth);
      visit.size += extent.size;
      visit.next += 1;
    } else if (open.has(child as object)) {
      return undefined;
    } else {
      enter(child);
    }
  }
  return done;

  function enter(value: PickleValue): void {
    const object = value as object;
    open.add(object);
    visits.push({ value: object, children: listChildren(value), next: 0, depth: 0, size: 0 });
  }
}

/** Decimal digits of the widest integer within `PICKLE_LIMITS.integerDigits` bytes. */
const BIGINT_SIZE = 241;

function measureScalar(value: PickleValue): PickleExtent | undefined {
  if (typeof value === 'string') return { depth: 0, size: 1 + value.length };
  if (typeof value === 'bigint') return { depth: 0, size: BIGINT_SIZE };
  if (value instanceof Uint8Array) return { depth: 0, size: 1 + value.length };
  return typeof value === 'object' && value !== null ? undefined : { depth: 0, size: 1 };
}
