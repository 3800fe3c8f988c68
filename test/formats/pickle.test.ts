import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { PICKLE_LIMITS, type PickleReading, type PickleValue, readPickle } from '../../src/formats/pickle.ts';

const FILES = new URL('../files/training-args/', import.meta.url);

interface ValueRow {
  readonly value: unknown;
  readonly pickles: Readonly<Record<string, string>>;
}
interface HostileRow {
  readonly name: string;
  readonly pickle: string;
  readonly imports: readonly string[] | null;
}

function readRows<T>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(name, FILES), 'utf8')) as T[];
}

const VALUES = readRows<ValueRow>('values.json');
const HOSTILE = readRows<HostileRow>('hostile.json');

function decode(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The notation of scripts/make-pickle-fixtures.py. */
function tag(value: PickleValue): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { float: String(value).replace('Infinity', 'inf').replace('NaN', 'nan') };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(tag);
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [tag(key), tag(item)]) };
  if (value.kind === 'tuple') return { tuple: value.items.map(tag) };
  if (value.kind === 'set') return { set: value.items.map(tag).sort() };
  throw new Error(`no plain value: ${value.kind}`);
}

/** A reading, or the message of the one error that may come out. */
function readOrRefuse(bytes: Uint8Array): PickleReading | string {
  try {
    return readPickle(bytes);
  } catch (error) {
    if (error instanceof HubwrightError && error.code === 'INPUT_INVALID') return error.message;
    throw error;
  }
}

function text(source: string): Uint8Array {
  return new Uint8Array(Buffer.from(source, 'latin1'));
}

describe('values that CPython pickled', () => {
  test.each(['0', '1', '2', '3', '4', '5'])('protocol %s', (protocol) => {
    const rows = VALUES.filter(({ pickles }) => pickles[protocol] !== undefined);
    expect(rows.length).toBeGreaterThan(20);
    for (const { value, pickles } of rows) {
      const reading = readPickle(decode(pickles[protocol]!));
      expect(tag(reading.value)).toEqual(value);
      expect(reading.end).toBe(decode(pickles[protocol]!).length);
      expect(reading.imports).toEqual([]);
    }
  });

  test('a shared object stays one object', () => {
    const { value } = readPickle(text(']q\0h\0\x86.'));
    expect(value).toEqual({ kind: 'tuple', items: [[], []] });
    const items = (value as { items: unknown[] }).items;
    expect(items[0]).toBe(items[1]);
  });

  test('a key named __proto__ changes no prototype', () => {
    const { value } = readPickle(text('}U\x09__proto__}U\x08pollutedI01\nss.'));
    expect(value).toBeInstanceOf(Map);
    expect((value as Map<string, unknown>).get('__proto__')).toEqual(new Map([['polluted', true]]));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('corners of the format', () => {
  test.each<[string, string, PickleValue]>([
    ['POP drops a mark with nothing above it', 'N(0.', null],
    ['a pair of backslashes hides a \\u', 'V\\\\u0061\n.', '\\\\u0061'],
    ['a byte order mark is a character', 'X\x04\0\0\0\xef\xbb\xbfa.', '\ufeffa'],
    ['STRING with escapes', "S'\\x41\\n\\'\\101'\n.", "A\n'A"],
    ['a str of Python 2 that is no text', 'U\x01\xff.', new Uint8Array([0xff])],
    ['LONG with the L of Python 2', 'L-12L\n.', -12],
    ['a negative LONG1', '\x8a\x02\x00\xff.', -256],
    ['DUP', ']2\x86.', { kind: 'tuple', items: [[], []] }],
  ])('%s', (_name, source, value) => {
    expect(readPickle(text(source)).value).toEqual(value);
  });

  test.each([
    ['T\xff\xff\xff\xff.', 'a negative length, -1'],
    ['\x95\x09\0\0\0\0\0\0\0N.', 'a frame of 9 bytes with 2 left'],
    // CPython in C would import vil.A here.
    ['\x95\x02\0\0\0\0\0\0\0cevil\nA\n.', 'the frame ends 1 bytes into this value of 5'],
    ['\x95\x0b\0\0\0\0\0\0\0\x95\x02\0\0\0\0\0\0\0N.', 'a frame in a frame'],
    ["S'a\\q'\n.", 'an escape that Python does not write'],
    ['Sa\n.', 'a quoted string was expected'],
    ['F0x1\n.', 'a decimal number was expected'],
    ['V\\u00\n.', 'a broken'],
    ['gx\n.', 'a memo index that is not a number'],
    ['N', 'the end came before the STOP opcode'],
  ])('%j is refused: %s', (source, message) => {
    expect(readOrRefuse(text(source))).toContain(message);
  });

  test('values that left the stack do not count against its limit', () => {
    const limits = { ...PICKLE_LIMITS, stack: 4 };
    expect(readPickle(text(`${'(NNNl0'.repeat(9)}N.`), limits).value).toBeNull();
  });
});

describe('calls stay names', () => {
  const os = { kind: 'global', module: 'posix', name: 'system' };

  test('REDUCE', () => {
    const { value, calls, opcodeCount } = readPickle(text('cposix\nsystem\n(Vtrue\ntR.'));
    expect(value).toEqual({ kind: 'call', opcode: 'REDUCE', callable: os, args: ['true'] });
    expect(calls).toEqual([value]);
    expect(opcodeCount).toBe(6);
  });

  test('INST, OBJ and NEWOBJ_EX', () => {
    expect(readPickle(text('(I1\niposix\nsystem\n.')).value).toMatchObject({ opcode: 'INST', args: [1] });
    expect(readPickle(text('(cposix\nsystem\nI1\no.')).value).toMatchObject({ opcode: 'OBJ', args: [1] });
    expect(readPickle(text('cposix\nsystem\n)}(Va\nI1\nu\x92.')).value).toEqual({
      kind: 'call',
      opcode: 'NEWOBJ_EX',
      callable: os,
      args: [],
      keywords: new Map([['a', 1]]),
    });
  });

  test('an object with state, items and entries', () => {
    const { value } = readPickle(text('ca\nA\n)\x81I1\naVk\nI2\ns}b.'));
    expect(value).toMatchObject({ items: [1], entries: new Map([['k', 2]]), state: new Map() });
  });

  test('a call that is thrown away is still listed', () => {
    const { value, calls, imports } = readPickle(text('cposix\nsystem\n(Vtrue\ntR0N.'));
    expect(value).toBeNull();
    expect(calls).toHaveLength(1);
    expect(imports).toEqual(['posix.system']);
  });

  test('persistent ids of both protocols', () => {
    expect(readPickle(text('Pstorage 7\n.')).value).toEqual({ kind: 'persistent', id: 'storage 7' });
    expect(readPickle(text('(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI6\ntQ.')).value).toEqual({
      kind: 'persistent',
      id: {
        kind: 'tuple',
        items: ['storage', { kind: 'global', module: 'torch', name: 'FloatStorage' }, '0', 'cpu', 6],
      },
    });
  });
});

describe('hostile pickles', () => {
  const read = HOSTILE.filter(({ imports }) => imports !== null);
  const refused = HOSTILE.filter(({ imports }) => imports === null);

  test.each(read)('$name: the imports are those CPython is told to make', ({ pickle, imports }) => {
    expect(readPickle(decode(pickle)).imports).toEqual(imports);
  });

  test.each(refused)('$name: refused, naming the byte', ({ pickle }) => {
    expect(readOrRefuse(decode(pickle))).toMatch(/^pickle, byte \d+/);
  });

  test('random programs: nothing that CPython imports is missed', () => {
    const programs = readRows<HostileRow>('programs.json');
    let read = 0;
    for (const { pickle, imports } of programs) {
      const reading = readOrRefuse(decode(pickle));
      if (typeof reading === 'string') continue;
      read += 1;
      expect(reading.imports).toEqual(imports);
    }
    expect(read).toBeGreaterThan(programs.length / 2);
  });

  test.each([
    ['opcodes', 'NNN00.', 'opcodes'],
    ['stack', '(NNNt.', 'on the stack'],
    ['marks', '(((Nttt.', 'open marks'],
    ['memo', ']q\0q\x01q\x02.', 'memo entry 2'],
    ['textBytes', 'Vlong\n.', 'a line of 4 bytes'],
    ['nameLength', 'c__main__\nA\n.', 'longer than 2 characters'],
    ['integerDigits', 'I1000\n.', 'an integer of 4 digits'],
    ['depth', '))\x85\x85\x85.', 'levels of nesting'],
    ['expandedSize', '(NNNt.', 'more than 2 values'],
  ] as const)('the limit of %s holds', (name, source, message) => {
    expect(readOrRefuse(text(source))).toBeTypeOf('object');
    expect(() => readPickle(text(source), { ...PICKLE_LIMITS, [name]: 2 })).toThrow(message);
  });

  test('many numbers as keys are refused, as V8 can be made to search for each', () => {
    const entries = Array.from({ length: 20 }, (_, index) => `I${index}\nN`).join('');
    expect(readPickle(text(`}(${entries}u.`)).value).toHaveProperty('size', 20);
    const limits = { ...PICKLE_LIMITS, numberKeys: 10 };
    expect(() => readPickle(text(`}(${entries}u.`), limits)).toThrow('a number as a key');
  });

  test('100,000 levels of nesting are measured without recursion', () => {
    expect(readOrRefuse(text(`N${'\x85'.repeat(100_000)}.`))).toContain('100000 levels of nesting');
  });
});

describe('damage', () => {
  const archives = readdirSync(FILES).filter((name) => name.endsWith('.bin'));
  const samples = [
    ...archives.map((name) => new Uint8Array(readFileSync(new URL(name, FILES)))),
    ...HOSTILE.map(({ pickle }) => decode(pickle)),
    ...VALUES.flatMap(({ pickles }) => Object.values(pickles).map(decode)),
  ].filter((bytes) => bytes.length < 10_000);

  test('no prefix of a pickle is a pickle', () => {
    for (const bytes of samples.filter(({ length }) => length < 300)) {
      const whole = readOrRefuse(bytes);
      const end = typeof whole === 'string' ? bytes.length : whole.end;
      for (let length = 0; length < end; length += 1) {
        expect(readOrRefuse(bytes.subarray(0, length))).toMatch(/^pickle, byte \d+/);
      }
    }
  });

  test('random bytes give a reading or a HubwrightError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readOrRefuse(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  test('random opcodes give a reading or a HubwrightError', () => {
    const opcode = fc.constantFrom(
      ...text(
        '(.012FIJKMNPQRSTUVXabcd}eghijl]opqrst)uGB\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x8f\x90\x91\x92\x93\x94',
      ),
    );
    const byte = fc.oneof({ weight: 6, arbitrary: opcode }, fc.constantFrom(0, 1, 2, 0x0a, 0x31));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => {
        readOrRefuse(new Uint8Array([...text('N]}(Vm\nVn\n\x93)ca\nA\n)\x81)'), ...bytes, 0x2e]));
      }),
      { numRuns: 5_000 },
    );
  });

  test('flipped bytes give a reading or a HubwrightError', () => {
    const flip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(flip, { minLength: 1, maxLength: 4 }),
        (bytes, flips) => {
          const damaged = bytes.slice();
          for (const [index, mask] of flips) {
            const at = index % Math.max(1, damaged.length);
            damaged[at] = (damaged[at] ?? 0) ^ mask;
          }
          readOrRefuse(damaged);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
