import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { listMetricEntries } from '../../src/metrics/entries.ts';

describe('listMetricEntries', () => {
  it('lists flat Trainer output in document order', () => {
    const json = {
      test_loss: 2.03,
      test_mse: 0.0203,
      test_quality: 0.5,
      test_samples: 955,
      notes: 'x',
      ok: true,
    };
    expect(listMetricEntries(json)).toEqual([
      { key: 'test_loss', path: ['test_loss'], metric: undefined, accepts: [], value: 2.03, ignored: true },
      { key: 'test_mse', path: ['test_mse'], metric: 'mse', accepts: ['mse'], value: 0.0203, ignored: false },
      {
        key: 'test_quality',
        path: ['test_quality'],
        metric: undefined,
        accepts: [],
        value: 0.5,
        ignored: false,
      },
      {
        key: 'test_samples',
        path: ['test_samples'],
        metric: 'n',
        accepts: ['n'],
        value: 955,
        ignored: false,
      },
    ]);
  });

  it('reads nested documents, and accepts either ddof for a std', () => {
    const json = { metrics: { mse: 0.02 }, ground_truth: { mean: 0.673, std: 0.215 }, rows: [1, 2] };
    expect(listMetricEntries(json).map(({ key, accepts }) => [key, accepts])).toEqual([
      ['metrics.mse', ['mse']],
      ['ground_truth.mean', ['labelMean']],
      ['ground_truth.std', ['labelStd', 'labelSampleStd']],
    ]);
  });

  it('takes eval_* for the test split only when nothing else is', () => {
    const metricsOf = (json: unknown) => listMetricEntries(json).map(({ metric }) => metric);
    expect(metricsOf({ eval_mse: 0.0197, eval_runtime: 3 })).toEqual(['mse', undefined]);
    expect(metricsOf({ eval_mse: 0.0197, test_mse: 0.0203 })).toEqual([undefined, 'mse']);
    expect(metricsOf({ eval: { mse: 0.0197 }, test: { mse: 0.0203 }, r2: 0.5 })).toEqual([
      undefined,
      'mse',
      'r2',
    ]);
  });

  it.each([[null], [[1]], ['mse'], [3], [undefined]])('refuses %j', (json) => {
    expect(() => listMetricEntries(json)).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: expect.stringContaining('expected a JSON object'),
      }),
    );
  });

  it('refuses a document that is nested to exhaust the stack', () => {
    const depth = 5_000;
    const json: unknown = JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    expect(() => listMetricEntries(json)).toThrow(HubwrightError);
  });

  it('gives entries or a HubwrightError for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (json) => {
        try {
          for (const { metric, accepts } of listMetricEntries(json)) {
            expect(accepts.length > 0).toBe(metric !== undefined);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(HubwrightError);
        }
      }),
    );
  });
});
