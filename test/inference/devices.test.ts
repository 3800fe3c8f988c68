import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeviceFlags, readDeviceFlags } from '../../src/cli/device-flags.ts';
import { scoreTexts } from '../../src/inference/index.ts';
import { describeInference } from '../../src/report/words.ts';
import { verify } from '../../src/verify/index.ts';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.dispose());

const TEXTS = ['SELECT 1', 'SELECT name FROM users', 'SELECT 2'];

describe('a device that this machine has not', () => {
  // CoreML exists on a Mac, DirectML on Windows: one of the two is missing everywhere.
  const missing = process.platform === 'win32' ? 'coreml' : 'dml';

  test('is left for the CPU, with the reason', async () => {
    const notes: string[] = [];
    const options = { maxLength: 128, activation: 'identity', device: missing } as const;
    const scores = await scoreTexts(workshop.clean, TEXTS, {
      ...options,
      onNote: (note) => notes.push(note),
    });
    expect(scores.executionProvider).toBe('cpu');
    expect(notes).toEqual([expect.stringMatching(new RegExp(`^not used: ${missing}: .*cannot load`))]);
    expect(scores.logits).toEqual(
      (await scoreTexts(workshop.clean, TEXTS, { ...options, device: 'cpu' })).logits,
    );
  });

  test('is an error where a GPU is required, and no finding about the bundle', async () => {
    const wanted = {
      code: 'USAGE',
      message: expect.stringMatching(/^a GPU is required and none can be used: /),
    };
    const dir = workshop.copy();
    await expect(verify(dir, { device: missing, requireGpu: true })).rejects.toMatchObject(wanted);
    await expect(verify(dir, { requireGpu: true })).rejects.toMatchObject(wanted);
  });
});

test('weights that stay in their file give the same scores, and are named', async () => {
  const options = { maxLength: 128, activation: 'identity' } as const;
  const copied = await scoreTexts(workshop.clean, TEXTS, { ...options, mappedWeights: false });
  const mapped = await scoreTexts(workshop.clean, TEXTS, { ...options, mappedWeights: true });
  for (const [row, logit] of mapped.logits.entries()) expect(logit).toBeCloseTo(copied.logits[row]!, 5);
  expect([copied.conditions, mapped.conditions]).toEqual([{}, { weights: 'mapped' }]);
  const report = await verify(workshop.copy(), { mappedWeights: true });
  expect(report.ok).toBe(true);
  expect(report.environment).toMatchObject({ executionProvider: 'cpu', weights: 'mapped' });
  expect(describeInference(report)).toMatch(/on cpu, mapped weights$/);
});

describe('TF32', () => {
  const decide = (flags: DeviceFlags, before: string | undefined) => {
    const env: NodeJS.ProcessEnv = { NVIDIA_TF32_OVERRIDE: before };
    return [readDeviceFlags(flags, env).tf32, env.NVIDIA_TF32_OVERRIDE];
  };

  test('is off unless the flag says otherwise, whatever the environment says', () => {
    expect(decide({}, undefined)).toEqual([false, '0']);
    expect(decide({}, '1')).toEqual([false, '0']);
    expect(decide({ tf32: true }, '0')).toEqual([true, undefined]);
  });
});
