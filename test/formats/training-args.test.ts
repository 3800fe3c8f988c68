import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import {
  readTrainingArgs,
  summarizeTrainingArgs,
  toTrainingArgsJson,
} from '../../src/formats/training-args.ts';

const FILES = new URL('../files/training-args/', import.meta.url);

function readSample(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FILES)));
}

function readExpected(name: string): { imports: string[]; arguments: Record<string, unknown> } {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FILES), 'utf8'));
}

/** A file that holds TrainingArguments with one attribute, whose pickled value is given. */
function makeFile(value: string, key = 'x', extra: Record<string, string> = {}): Uint8Array {
  const pickle = `ctransformers.training_args\nTrainingArguments\n)\x81}V${key}\n${value}sb.`;
  const files = { 'data.pkl': pickle, ...extra };
  const entries = Object.entries(files).map(
    ([name, text]) => [`a/${name}`, Buffer.from(text, 'latin1')] as const,
  );
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

describe('arguments, as the live Python object has them', () => {
  test.each(['plain', 'protocol-4', 'rich'])('%s', async (name) => {
    const reading = await readTrainingArgs(readSample(`${name}.bin`));
    const expected = readExpected(name);
    expect(reading.arguments).toEqual(expected.arguments);
    expect(Object.keys(reading.arguments)).toEqual(Object.keys(expected.arguments));
    expect(reading.imports).toEqual(expected.imports);
    expect(reading).toMatchObject({ clean: true, dangers: [], unknownImports: [], leaks: [], notRead: [] });
  });

  test('what is no plain data is listed and left out', async () => {
    const read = async (value: string) => {
      const { arguments: values, notRead } = await readTrainingArgs(makeFile(value));
      return { values, notRead };
    };
    expect(await read('C\x01a')).toEqual({ values: {}, notRead: ['x'] });
    expect(await read('(I1\nC\x01al')).toEqual({ values: {}, notRead: ['x[1]'] });
    expect(await read('(Vk\nI1\nVb\nC\x01ad')).toEqual({ values: { x: { k: 1 } }, notRead: ['x.b'] });
    expect(await read('(NI1\nd')).toEqual({ values: { x: {} }, notRead: ['x'] });
    expect(await read('(Vodd\x1b[31m\nC\x01ad')).toMatchObject({ notRead: ['x."odd\\u001b[31m"'] });
    expect(await read('cevil\nCls\n)\x81}b')).toEqual({ values: {}, notRead: ['x'] });
    expect(await read('ctorch\nload\n')).toEqual({ values: {}, notRead: ['x'] });
    expect(await read('ctransformers.trainer_utils\nSchedulerType\n(I1\ntR')).toMatchObject({
      notRead: ['x'],
    });
  });

  test('a key named __proto__ is a key', async () => {
    const { arguments: values } = await readTrainingArgs(makeFile('}Vp\nI1\ns', '__proto__'));
    expect(Object.keys(values)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });
});

describe('what loading the file could do', () => {
  test('a call where a value should be', async () => {
    const reading = await readTrainingArgs(readSample('hostile-argument.bin'));
    expect(reading).toMatchObject({ clean: false, unknownImports: ['posix.system'], notRead: ['run_name'] });
    expect(reading.dangers).toEqual(['imports posix.system']);
    expect(reading.imports).toEqual(readExpected('hostile-argument').imports);
    expect(reading.arguments.learning_rate).toBe(2e-5);
  });

  test('a call in place of the whole object', async () => {
    expect(await readTrainingArgs(readSample('hostile-root.bin'))).toEqual({
      arguments: {},
      imports: ['__builtin__.eval'],
      unknownImports: ['__builtin__.eval'],
      clean: false,
      dangers: ['imports __builtin__.eval', 'holds something else than training arguments'],
      leaks: [],
      notRead: ['training_args.bin'],
    });
  });

  test('enums pickled through getattr are neither allowed nor guessed', async () => {
    const reading = await readTrainingArgs(readSample('getattr-enum.bin'));
    const { imports, arguments: live } = readExpected('getattr-enum');
    expect(reading).toMatchObject({ imports, clean: false, unknownImports: ['__builtin__.getattr'] });
    expect(reading.notRead).toContain('lr_scheduler_type');
    expect(reading.arguments).not.toHaveProperty('lr_scheduler_type');
    expect(reading.arguments.seed).toBe(live.seed);
  });

  test.each([
    [
      'a dotted name',
      'Vtransformers.training_args\nVos.system\n\x93',
      'imports transformers.training_args.os.system',
    ],
    [
      'a constructor that runs',
      'ctransformers.training_args\nTrainingArguments\n(Vout\ntR0N',
      'TrainingArguments as no',
    ],
    ['a hidden second state', 'ctorch\ndevice\n(Vcpu\ntR}b', 'calls torch.device as no pickler does'],
    [
      'a constructor with arguments',
      'caccelerate.state\nPartialState\n(I1\nt\x81',
      'PartialState as no pickler does',
    ],
    ['a called dtype', 'ctorch\nfloat16\n)R', 'calls torch.float16 as no pickler does'],
    ['the result of a call', 'ctorch\ndevice\n(Vcpu\ntR)R', 'calls what another call returned'],
  ])('%s', async (_name, value, danger) => {
    const reading = await readTrainingArgs(makeFile(value));
    expect(reading.clean).toBe(false);
    expect(reading.dangers.join()).toContain(danger);
  });

  test('bytes that torch would not have written', async () => {
    expect((await readTrainingArgs(makeFile('N'))).clean).toBe(true);
    const record = await readTrainingArgs(makeFile('N', 'x', { 'evil.sh': 'true' }));
    expect(record).toMatchObject({ clean: false, dangers: ['holds a record "evil.sh"'] });
    const surplus = await readTrainingArgs(makeFile('N', 'x', { 'data.pkl': 'N.junk' }));
    expect(surplus.dangers).toContain('goes on for 4 bytes after the pickle');
  });

  test('a file too large to be training arguments', async () => {
    await expect(readTrainingArgs(new Uint8Array(5_000_000))).rejects.toThrow('4194304');
  });
});

describe('what should not be public', () => {
  // Built here, so that no text in the repository has the form of a token.
  const token = `hf_${'x'.repeat(34)}`;

  test('token, path and host of a real file', async () => {
    const bytes = readSample('leaky.bin');
    expect(Buffer.from(bytes).includes('hf_NOT_A_REAL_TOKEN')).toBe(true);
    const reading = await readTrainingArgs(bytes);
    expect(reading.leaks).toEqual([
      { key: 'output_dir', kind: 'absolute-path' },
      { key: 'hub_token', kind: 'secret' },
      { key: 'logging_dir', kind: 'host-name' },
    ]);
    expect(reading.clean).toBe(true);
    expect(JSON.stringify(reading)).not.toContain('NOT_A_REAL_TOKEN');
    const json = toTrainingArgsJson(reading);
    expect(json).not.toMatch(/NOT_A_REAL_TOKEN|hub_token|\/home|example-user|example-host/);
    expect(JSON.parse(json)).toMatchObject({ output_dir: 'reward-1', logging_dir: 'runs/Jan31_23-59-59' });
  });

  test.each([
    ['an argument', `V${token}\n`, 'x'],
    ['the middle of a text', `Vhttps://user:${token}@example.org\n`, 'x'],
    ['a list', `(V${token}\nl`, 'x[0]'],
    ['a key', `(V${token}\nNd`, 'x'],
    ['an enum', `ctransformers.trainer_utils\nHubStrategy\n(V${token}\ntR`, 'x'],
    ['an opcode without effect', `V${token}\n0N`, 'training_args.bin'],
    ['bytes', `C\x25${token}`, 'training_args.bin'],
  ])('a token in %s is reported and never returned', async (_name, value, key) => {
    const reading = await readTrainingArgs(makeFile(value));
    expect(reading.leaks).toEqual([{ key, kind: 'secret' }]);
    expect(JSON.stringify(reading)).not.toContain(token);
    expect(toTrainingArgsJson(reading)).not.toContain(token);
  });

  test('an argument for a secret is one whatever its value looks like; unset it is none', async () => {
    const leaks = async (value: string) =>
      (await readTrainingArgs(makeFile(value, 'push_to_hub_token'))).leaks;
    expect(await leaks('Vhunter2\n')).toEqual([{ key: 'push_to_hub_token', kind: 'secret' }]);
    expect(await leaks('(Vhunter2\nl')).toEqual([{ key: 'push_to_hub_token', kind: 'secret' }]);
    expect(await leaks('N')).toEqual([]);
    expect(await leaks('I01\n')).toEqual([]);
  });
});

test('damaged files give a reading or a HubwrightError, and strict JSON', async () => {
  const samples = ['plain', 'rich', 'leaky', 'protocol-4', 'hostile-argument'].map((name) =>
    readSample(`${name}.bin`),
  );
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  let readings = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...samples), flips, async (sample, places) => {
      const bytes = sample.slice();
      for (const [at, mask] of places) {
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ mask;
      }
      try {
        const reading = await readTrainingArgs(bytes);
        readings += 1;
        summarizeTrainingArgs(reading);
        JSON.parse(toTrainingArgsJson(reading));
        expect(reading.clean).toBe(reading.dangers.length === 0);
      } catch (error) {
        expect(error).toBeInstanceOf(HubwrightError);
      }
    }),
    { numRuns: 600 },
  );
  expect(readings).toBeGreaterThan(0);
});
