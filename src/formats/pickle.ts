import { failAt, type PickleCursor } from './pickle-arguments.ts';
import { measureExtent } from './pickle-extent.ts';
import { PICKLE_LIMITS, type PickleLimits } from './pickle-limits.ts';
import { type PickleMachine, pop } from './pickle-machine.ts';
import { PICKLE_OPCODES, STOP } from './pickle-opcodes.ts';
import type { PickleCall, PickleValue } from './pickle-value.ts';

export { PICKLE_LIMITS, type PickleLimits } from './pickle-limits.ts';
export type {
  PickleCall,
  PickleDict,
  PickleGlobal,
  PicklePersistent,
  PickleScalar,
  PickleSet,
  PickleTuple,
  PickleValue,
} from './pickle-value.ts';

export interface PickleReading {
  /** Free of cycles and within `limits.depth`, so a plain recursive walk over it ends. */
  readonly value: PickleValue;
  /** `module.name` of everything that loading would import, used in the value or not; sorted and unique. */
  readonly imports: readonly string[];
  /** Every call that loading would make, in order; also those whose result is thrown away. */
  readonly calls: readonly PickleCall[];
  readonly opcodeCount: number;
  /** Offset of the first byte after STOP. */
  readonly end: number;
}

/**
 * Reads one pickle (protocols 0 to 5) without unpickling: no name is looked up and nothing is called.
 * Where CPython's unpicklers disagree with each other the pickle is refused rather than guessed at.
 *
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py for the opcodes
 * @throws HubwrightError INPUT_INVALID naming the byte, for anything that is no pickle or exceeds `limits`.
 */
export function readPickle(bytes: Uint8Array, limits: PickleLimits = PICKLE_LIMITS): PickleReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: PickleCursor = { bytes, view, limits, offset: 0, frameEnd: 0, opcode: 0, opcodeName: '' };
  const machine: PickleMachine = {
    cursor,
    stack: [],
    marked: [],
    stackSize: 0,
    memo: new Map(),
    globals: new Map(),
    calls: [],
  };
  const opcodeCount = runUntilStop(machine);
  const value = pop(machine);
  assertWalkable(cursor, value);
  const imports = [...machine.globals.values()].map(({ module, name }) => `${module}.${name}`);
  return {
    value,
    imports: [...new Set(imports)].sort(),
    calls: machine.calls,
    opcodeCount,
    end: cursor.offset,
  };
}

function runUntilStop(machine: PickleMachine): number {
  const { cursor } = machine;
  for (let count = 1; count <= cursor.limits.opcodes; count += 1) {
    cursor.opcode = cursor.offset;
    cursor.opcodeName = '';
    const byte = cursor.bytes[cursor.offset];
    if (byte === undefined) throw failAt(cursor, 'the end came before the STOP opcode');
    const opcode = PICKLE_OPCODES.get(byte);
    if (opcode === undefined) throw failAt(cursor, `0x${byte.toString(16).padStart(2, '0')} is no opcode`);
    cursor.offset += 1;
    cursor.opcodeName = opcode.name;
    opcode.run(machine);
    if (byte === STOP) return count;
  }
  throw failAt(cursor, `more than ${cursor.limits.opcodes} opcodes`);
}

function assertWalkable(cursor: PickleCursor, value: PickleValue): void {
  const extent = measureExtent(value);
  if (extent === undefined) throw failAt(cursor, 'the value holds itself');
  const { depth, expandedSize } = cursor.limits;
  if (extent.depth > depth)
    throw failAt(cursor, `${extent.depth} levels of nesting; at most ${depth} are read`);
  if (extent.size > expandedSize) {
    throw failAt(cursor, `written out, the value holds more than ${expandedSize} values and characters`);
  }
}
