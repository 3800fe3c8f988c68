import type { JsonObject, JsonValue } from './json.ts';
import { isNode } from './pickle-machine.ts';
import type { PickleCall, PickleValue } from './pickle-value.ts';
import { holdsAbsolutePath, holdsHostName } from './private-text.ts';
import { holdsSecret, namesSecret } from './secret-forms.ts';
import { findCallRole, findRole, nameImport } from './training-args-imports.ts';

/** Something in the file that should not be public. The value itself is never part of it. */
export interface TrainingArgsLeak {
  /** Dotted path of the argument; `training_args.bin` for a credential outside the arguments. */
  readonly key: string;
  readonly kind: 'secret' | 'absolute-path' | 'host-name';
}

/** What a walk over the arguments finds besides their values, by dotted path. */
export interface ArgumentNotes {
  readonly leaks: TrainingArgsLeak[];
  readonly notRead: string[];
}

/** The attributes of an object that was made with no arguments and then given its state. */
export function flattenState(call: PickleCall, path: string, notes: ArgumentNotes): JsonObject | undefined {
  return call.opcode === 'NEWOBJ' && call.state instanceof Map
    ? flattenEntries(call.state, path, notes)
    : undefined;
}

function flattenEntries(
  entries: ReadonlyMap<PickleValue, PickleValue>,
  path: string,
  notes: ArgumentNotes,
): JsonObject {
  const flat: [string, JsonValue][] = [];
  for (const [key, value] of entries) {
    const name = typeof key === 'number' ? String(key) : key;
    if (typeof name !== 'string') {
      notes.notRead.push(path);
    } else if (holdsSecret(name)) {
      notes.leaks.push({ key: path, kind: 'secret' });
    } else {
      const child = flattenArgument(value, name, joinPath(path, name), notes);
      if (child !== undefined) flat.push([name, child]);
    }
  }
  // Unlike an assignment, fromEntries makes `__proto__` a key like any other.
  return Object.fromEntries(flat);
}

/** Paths end up in reports and on terminals, and a key may be any text. */
function joinPath(path: string, name: string): string {
  const safe = /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
  return path === '' ? safe : `${path}.${safe}`;
}

function flattenArgument(
  value: PickleValue,
  name: string,
  path: string,
  notes: ArgumentNotes,
): JsonValue | undefined {
  // A token argument may be `True`, for "the one that is stored on this machine".
  const isHarmless = value === null || value === '' || typeof value === 'boolean';
  if (namesSecret(name) && !isHarmless) {
    notes.leaks.push({ key: path, kind: 'secret' });
    return undefined;
  }
  return flattenValue(value, path, notes);
}

/** `undefined` when the value is secret or no plain data; `notes` then says which. */
function flattenValue(value: PickleValue, path: string, notes: ArgumentNotes): JsonValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return checkText(value, path, notes);
  if (Array.isArray(value)) return flattenItems(value, path, notes);
  if (value instanceof Map) return flattenEntries(value, path, notes);
  const known = isNode(value) ? flattenNode(value, path, notes) : undefined;
  if (known === undefined) notes.notRead.push(path);
  return known?.value;
}

/** The inner `undefined` stands for a part that was noted already. */
function flattenNode(
  node: Extract<PickleValue, { readonly kind: string }>,
  path: string,
  notes: ArgumentNotes,
): { value: JsonValue | undefined } | undefined {
  if (node.kind === 'tuple' || node.kind === 'set') return { value: flattenItems(node.items, path, notes) };
  if (node.kind === 'global') {
    return findRole(nameImport(node) ?? '') === 'dtype' ? { value: node.name } : undefined;
  }
  if (node.kind !== 'call') return undefined;
  switch (findCallRole(node)) {
    case 'enum':
      return { value: flattenValue(node.args[0] ?? null, path, notes) };
    case 'device':
      return { value: node.args.join(':') };
    case 'dict':
      return { value: flattenEntries(node.entries ?? new Map(), path, notes) };
    case 'set':
      return { value: flattenValue(node.args[0] ?? [], path, notes) };
    case 'arguments':
    case 'object':
      return { value: flattenState(node, path, notes) ?? {} };
    default:
      return undefined;
  }
}

/** Positions carry meaning, so a list with an unreadable item is not read at all. */
function flattenItems(
  items: readonly PickleValue[],
  path: string,
  notes: ArgumentNotes,
): JsonValue[] | undefined {
  const flat: JsonValue[] = [];
  let isWhole = true;
  for (const [index, item] of items.entries()) {
    const child = flattenValue(item, `${path}[${index}]`, notes);
    if (child === undefined) isWhole = false;
    else flat.push(child);
  }
  return isWhole ? flat : undefined;
}

function checkText(text: string, path: string, notes: ArgumentNotes): string | undefined {
  if (holdsSecret(text)) {
    notes.leaks.push({ key: path, kind: 'secret' });
    return undefined;
  }
  if (holdsAbsolutePath(text)) notes.leaks.push({ key: path, kind: 'absolute-path' });
  if (holdsHostName(text)) notes.leaks.push({ key: path, kind: 'host-name' });
  return text;
}
