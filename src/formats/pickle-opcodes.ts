import * as args from './pickle-arguments.ts';
import * as lines from './pickle-lines.ts';
import * as vm from './pickle-machine.ts';
import type { PickleDict, PickleValue } from './pickle-value.ts';

type Machine = vm.PickleMachine;

/** One instruction: its name in Python's pickletools, and what it does to the machine. STOP does nothing. */
export interface PickleOpcode {
  readonly name: string;
  readonly run: (machine: Machine) => void;
}

/** The newest protocol there is: PEP 574, Python 3.8. */
const NEWEST_PROTOCOL = 5;

function op<T>(
  name: string,
  read: (cursor: args.PickleCursor) => T,
  apply: (machine: Machine, argument: T) => void,
): PickleOpcode {
  return { name, run: (machine) => apply(machine, read(machine.cursor)) };
}

/** An instruction whose whole meaning is to push its argument. */
function constant(name: string, read: (cursor: args.PickleCursor) => PickleValue): PickleOpcode {
  return op(name, read, vm.push);
}

/** An instruction without an argument. */
function plain(name: string, run: (machine: Machine) => void): PickleOpcode {
  return { name, run };
}

function refused(name: string, reason: string): PickleOpcode {
  return plain(name, (machine) => {
    throw args.failAt(machine.cursor, reason);
  });
}

function pushTuple(machine: Machine, items: readonly PickleValue[]): void {
  vm.push(machine, { kind: 'tuple', items });
}

function pushTupleOf(machine: Machine, length: number): void {
  const items = Array.from({ length }, () => vm.pop(machine)).reverse();
  pushTuple(machine, items);
}

function pushDict(machine: Machine, keysAndValues: readonly PickleValue[]): void {
  const dict: PickleDict = new Map();
  vm.addEntries(machine, dict, keysAndValues);
  vm.push(machine, dict);
}

const NO_REGISTRY = 'extension codes need the registry of the program that wrote them';
const NO_BUFFERS = 'the value lies in a buffer outside the file';

/** Every opcode of protocols 0 to 5, in the order of Python's pickletools. */
export const PICKLE_OPCODES: ReadonlyMap<number, PickleOpcode> = new Map([
  [0x49, constant('INT', lines.readIntegerLine)],
  [0x4a, constant('BININT', args.readInt32)],
  [0x4b, constant('BININT1', args.readUint8)],
  [0x4d, constant('BININT2', args.readUint16)],
  [0x4c, constant('LONG', lines.readLongLine)],
  [0x8a, constant('LONG1', args.sizedInteger(args.readUint8))],
  [0x8b, constant('LONG4', args.sizedInteger(args.readInt32))],
  [0x53, constant('STRING', lines.readQuotedLine)],
  [0x54, constant('BINSTRING', args.sizedNativeText(args.readInt32))],
  [0x55, constant('SHORT_BINSTRING', args.sizedNativeText(args.readUint8))],
  [0x42, constant('BINBYTES', args.sized(args.readUint32))],
  [0x43, constant('SHORT_BINBYTES', args.sized(args.readUint8))],
  [0x8e, constant('BINBYTES8', args.sized(args.readUint64))],
  [0x96, constant('BYTEARRAY8', args.sized(args.readUint64))],
  [0x97, refused('NEXT_BUFFER', NO_BUFFERS)],
  [0x98, refused('READONLY_BUFFER', NO_BUFFERS)],
  [0x4e, constant('NONE', () => null)],
  [0x88, constant('NEWTRUE', () => true)],
  [0x89, constant('NEWFALSE', () => false)],
  [0x56, constant('UNICODE', lines.readUnicodeLine)],
  [0x8c, constant('SHORT_BINUNICODE', args.sizedText(args.readUint8))],
  [0x58, constant('BINUNICODE', args.sizedText(args.readUint32))],
  [0x8d, constant('BINUNICODE8', args.sizedText(args.readUint64))],
  [0x46, constant('FLOAT', lines.readFloatLine)],
  [0x47, constant('BINFLOAT', args.readFloat64)],
  [0x5d, constant('EMPTY_LIST', () => [])],
  [0x61, plain('APPEND', (machine) => vm.appendItems(machine, [vm.pop(machine)]))],
  [0x65, plain('APPENDS', (machine) => vm.appendItems(machine, vm.popMark(machine)))],
  [0x6c, plain('LIST', (machine) => vm.push(machine, vm.popMark(machine)))],
  [0x29, plain('EMPTY_TUPLE', (machine) => pushTuple(machine, []))],
  [0x74, plain('TUPLE', (machine) => pushTuple(machine, vm.popMark(machine)))],
  [0x85, plain('TUPLE1', (machine) => pushTupleOf(machine, 1))],
  [0x86, plain('TUPLE2', (machine) => pushTupleOf(machine, 2))],
  [0x87, plain('TUPLE3', (machine) => pushTupleOf(machine, 3))],
  [0x7d, constant('EMPTY_DICT', () => new Map())],
  [0x64, plain('DICT', (machine) => pushDict(machine, vm.popMark(machine)))],
  [
    0x73,
    plain('SETITEM', (machine) => {
      const value = vm.pop(machine);
      vm.setEntries(machine, [vm.pop(machine), value]);
    }),
  ],
  [0x75, plain('SETITEMS', (machine) => vm.setEntries(machine, vm.popMark(machine)))],
  [0x8f, constant('EMPTY_SET', () => ({ kind: 'set', frozen: false, items: [] }))],
  [0x90, plain('ADDITEMS', (machine) => vm.addToSet(machine, vm.popMark(machine)))],
  [
    0x91,
    plain('FROZENSET', (machine) =>
      vm.push(machine, { kind: 'set', frozen: true, items: vm.popMark(machine) }),
    ),
  ],
  [0x30, plain('POP', vm.discard)],
  [0x32, plain('DUP', (machine) => vm.push(machine, vm.peek(machine)))],
  [0x28, plain('MARK', vm.openMark)],
  [0x31, plain('POP_MARK', (machine) => void vm.popMark(machine))],
  [0x67, op('GET', lines.readIndexLine, vm.recall)],
  [0x68, op('BINGET', args.readUint8, vm.recall)],
  [0x6a, op('LONG_BINGET', args.readUint32, vm.recall)],
  [0x70, op('PUT', lines.readIndexLine, vm.remember)],
  [0x71, op('BINPUT', args.readUint8, vm.remember)],
  [0x72, op('LONG_BINPUT', args.readUint32, vm.remember)],
  [0x94, plain('MEMOIZE', (machine) => vm.remember(machine, machine.memo.size))],
  [0x82, refused('EXT1', NO_REGISTRY)],
  [0x83, refused('EXT2', NO_REGISTRY)],
  [0x84, refused('EXT4', NO_REGISTRY)],
  [0x63, op('GLOBAL', lines.readImport, (machine, [module, name]) => vm.pushGlobal(machine, module, name))],
  [
    0x93,
    plain('STACK_GLOBAL', (machine) => {
      const name = vm.pop(machine);
      vm.pushGlobal(machine, vm.pop(machine), name);
    }),
  ],
  [0x52, plain('REDUCE', (machine) => vm.callWithTuple(machine, 'REDUCE'))],
  [0x62, plain('BUILD', vm.attachState)],
  [
    0x69,
    op('INST', lines.readImport, (machine, [module, name]) => {
      const callable = vm.nameGlobal(machine, module, name);
      vm.pushCall(machine, { kind: 'call', opcode: 'INST', callable, args: vm.popMark(machine) });
    }),
  ],
  [0x6f, plain('OBJ', vm.callMarked)],
  [0x81, plain('NEWOBJ', (machine) => vm.callWithTuple(machine, 'NEWOBJ'))],
  [0x92, plain('NEWOBJ_EX', vm.callWithKeywords)],
  [
    0x80,
    op('PROTO', args.readUint8, (machine, version) => {
      if (version > NEWEST_PROTOCOL) throw args.failAt(machine.cursor, `protocol ${version} is not known`);
    }),
  ],
  [0x2e, plain('STOP', () => {})],
  [
    0x95,
    op('FRAME', args.readUint64, (machine, length) => {
      const left = machine.cursor.bytes.length - machine.cursor.offset;
      if (length > left) throw args.failAt(machine.cursor, `a frame of ${length} bytes with ${left} left`);
      if (machine.cursor.offset < machine.cursor.frameEnd)
        throw args.failAt(machine.cursor, 'a frame in a frame');
      machine.cursor.frameEnd = machine.cursor.offset + length;
    }),
  ],
  [0x50, op('PERSID', lines.readLine, (machine, id) => vm.push(machine, { kind: 'persistent', id }))],
  [0x51, plain('BINPERSID', (machine) => vm.push(machine, { kind: 'persistent', id: vm.pop(machine) }))],
]);

export const STOP = 0x2e;
