import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { packBatch } from '../../src/inference/batches.ts';
import type { Conditions, ExecutionProvider } from '../../src/inference/device.ts';
import { type DeviceOptions, openDevice } from '../../src/inference/device-choice.ts';
import { createSequences } from '../../src/inference/sequences.ts';
import type { Session, SessionOptions } from '../../src/inference/session.ts';

/** How a device behaves: rows it has room for once the probes are over, what it adds to each logit. */
interface Kind {
  readonly room?: number;
  readonly off?: number;
  /** It cannot be opened. */
  readonly missing?: true;
}

const sequences = createSequences();
for (const ids of [[1, 9], [2], [3, 8], [4], [5]]) sequences.add(ids);
const ROWS = [[1, 9], [2], [3, 8], [4], [5]];
const ANSWERS = Float32Array.of(1, 2, 3, 4, 5);
const PROBES = 7;

/** A machine of fake devices: each answers a row with its first id. `log` has every batch that was run, in order. */
function machine(kinds: Partial<Record<ExecutionProvider, Kind>>) {
  const log: string[] = [];
  const opened: SessionOptions[] = [];
  const released: string[] = [];
  const open = async (options: SessionOptions): Promise<Session> => {
    const { provider, conditions = {} } = options;
    const { room = 99, off = 0, missing } = kinds[provider] ?? { missing: true };
    if (missing) throw new HubwrightError('INFERENCE', `no ${provider} here`);
    opened.push(options);
    let runs = 0;
    return {
      executionProvider: provider,
      runtimeVersion: '0',
      conditions,
      async run({ rows, length, inputIds }) {
        runs += 1;
        if (runs > PROBES) log.push(`${provider} ${rows}`);
        if (runs > PROBES && rows > room) throw new HubwrightError('INFERENCE', 'out of memory');
        const ids = Array.from({ length: rows }, (_, row) => Number(inputIds[row * length]));
        return { logits: Float32Array.from(ids, (id) => id + off) };
      },
      release: async () => {
        released.push(provider);
      },
    };
  };
  const notes: string[] = [];
  const start = (options: Omit<DeviceOptions, 'open'>) =>
    openDevice(sequences, 0, { open, onNote: (note) => notes.push(note), ...options });
  return { log, opened, released, notes, start };
}

const score = async (session: Session) => (await session.run(packBatch(ROWS, 0), ['logits'])).logits;

describe('a device is used', () => {
  test('when it computes what the CPU does', async () => {
    const { start, log, notes, released } = machine({ cpu: {}, dml: {} });
    const session = await start({ device: 'dml' });
    expect(await score(session)).toEqual(ANSWERS);
    expect([log, notes, released]).toEqual([['dml 5'], [], ['cpu']]);
    expect(session.executionProvider).toBe('dml');
  });

  test.each([
    [
      'is wrong',
      { off: 0.01 },
      /^not used: cuda computes other logits than the CPU: off by 0\.010 for 2 × 1/,
    ],
    [
      'gives no number',
      { off: Number.NaN },
      /^not used: cuda computes other logits than the CPU: off by NaN/,
    ],
    ['is missing', { missing: true }, /^not used: cuda: no cuda here$/],
  ] as const)('no further when it %s, and the CPU is', async (_, cuda, reason) => {
    const { start, log, notes } = machine({ cpu: {}, cuda });
    const session = await start({ device: 'cuda' });
    expect(await score(session)).toEqual(ANSWERS);
    expect(notes).toEqual([expect.stringMatching(reason)]);
    expect(session.executionProvider).toBe('cpu');
    expect(log.every((run) => run.startsWith('cpu'))).toBe(true);
  });

  test('never instead of an error, where a GPU is required', async () => {
    const { start, released } = machine({ cpu: {}, cuda: { off: 1 } });
    await expect(start({ device: 'cuda', requireGpu: true })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/^a GPU is required and none can be used: cuda computes other logits/),
    });
    expect(released).toEqual(['cuda', 'cpu']);
    await expect(start({ device: 'cpu', requireGpu: true })).rejects.toMatchObject({
      message: expect.stringMatching(/--device is cpu$/),
    });
  });
});

describe.runIf(process.platform === 'linux')('auto on Linux', () => {
  test('takes CUDA before WebGPU, and WebGPU before the CPU', async () => {
    for (const [kinds, taken] of [
      [{ cpu: {}, webgpu: {}, cuda: {} }, 'cuda'],
      [{ cpu: {}, webgpu: {} }, 'webgpu'],
      [{ cpu: {}, webgpu: { off: 1 } }, 'cpu'],
    ] as const) {
      expect((await machine(kinds).start({ device: 'auto' })).executionProvider).toBe(taken);
    }
  });

  test('out of memory it takes smaller batches, then the next device, then the CPU', async () => {
    const { start, log, notes } = machine({ cpu: {}, webgpu: { room: 0 }, cuda: { room: 0 } });
    const session = await start({ device: 'auto' });
    expect(await score(session)).toEqual(ANSWERS);
    expect(log).toEqual(['cuda 5', 'cuda 3', 'cuda 2', 'cuda 1', 'webgpu 1']);
    expect(notes).toEqual([
      'cuda failed, going on with smaller batches: out of memory',
      'cuda failed, going on with webgpu: out of memory',
      'webgpu failed, going on with cpu: out of memory',
    ]);
    expect(session.executionProvider).toBe('cuda, webgpu, cpu');
  });

  test('goes on with another GPU where one is required, and fails where there is none', async () => {
    const both = machine({ cpu: {}, cuda: { room: 0 }, webgpu: {} });
    const session = await both.start({ device: 'auto', requireGpu: true });
    expect(await score(session)).toEqual(ANSWERS);
    expect(session.executionProvider).toBe('cuda, webgpu');
    const one = machine({ cpu: {}, cuda: { room: 0 }, webgpu: { off: 1 } });
    const alone = await one.start({ device: 'auto', requireGpu: true });
    await expect(score(alone)).rejects.toMatchObject({ code: 'INFERENCE', message: 'out of memory' });
  });
});

test('a device that ran out of memory once gets no batch of that size again', async () => {
  const { start, log, notes } = machine({ cpu: {}, cuda: { room: 2 } });
  const session = await start({ device: 'cuda' });
  expect([await score(session), await score(session)]).toEqual([ANSWERS, ANSWERS]);
  expect(log).toEqual(['cuda 5', 'cuda 3', 'cuda 2', 'cuda 1', 'cuda 2', 'cuda 2', 'cuda 1', 'cuda 2']);
  expect(notes).toEqual(['cuda failed, going on with smaller batches: out of memory']);
});

test('an abort is no failure of the device', async () => {
  const aborted = new HubwrightError('ABORTED', 'stopped');
  const opened: string[] = [];
  const open = async ({ provider }: SessionOptions): Promise<Session> => {
    opened.push(provider);
    if (provider === 'cuda') throw aborted;
    return { ...(await machine({ cpu: {} }).start({ device: 'cpu' })) };
  };
  await expect(openDevice(sequences, 0, { device: 'cuda', open })).rejects.toBe(aborted);
  expect(opened).toEqual(['cpu', 'cuda']);
});

describe('what ran is recorded', () => {
  const graph = new Uint8Array([1, 2, 3]);
  // sha256 of the bytes 01 02 03, by sha256sum.
  const sha256 = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';

  test.each([
    ['webgpu', { graph: { attention: 'decomposed', sha256 } }],
    ['coreml', { graph: { attention: 'decomposed', sha256 } }],
    ['dml', { graph: { attention: 'decomposed', sha256 } }],
    ['cuda', { tf32: false }],
  ] as const)('for %s', async (device, conditions) => {
    const { start, opened } = machine({ cpu: {}, [device]: {} });
    const session = await start({ device, decompose: async () => graph });
    expect(session.conditions).toEqual(conditions);
    expect(opened.at(-1)?.graph).toBe(device === 'cuda' ? undefined : graph);
  });

  test('a graph that cannot be taken apart runs as it is', async () => {
    const { start } = machine({ cpu: {}, webgpu: {} });
    expect((await start({ device: 'webgpu', decompose: async () => undefined })).conditions).toEqual({});
  });

  test('of every device that had a part', async () => {
    const { start } = machine({ cpu: {}, cuda: { room: 0 } });
    const session = await start({ device: 'cuda', tf32: true, mappedWeights: true });
    await score(session);
    const met: Conditions = { tf32: true, weights: 'mapped' };
    expect([session.executionProvider, session.conditions]).toEqual(['cuda, cpu', met]);
  });
});
