import { describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/architectures/index.ts';
import { verify } from '../../src/verify/index.ts';
import { type FloatType, makeCleanRun } from './clean-run.ts';

const MODEL_TYPES = ARCHITECTURES.flatMap(({ modelTypes }) => Object.keys(modelTypes));

describe('a clean bundle passes without a finding', () => {
  const cases: (readonly [string, FloatType])[] = [
    ...MODEL_TYPES.map((type) => [type, 'F32'] as const),
    ...(['modernbert', 'bert', 'distilbert'] as const).flatMap((type) => [
      [type, 'F16'] as const,
      [type, 'BF16'] as const,
    ]),
  ];
  test.each(cases)('%s in %s', async (modelType, dtype) => {
    const { bundle, dispose } = await makeCleanRun(modelType, dtype);
    try {
      const report = await verify(bundle, { strict: true });
      expect(report.findings).toEqual([]);
      expect(report.ok).toBe(true);
    } finally {
      dispose();
    }
  });
});
