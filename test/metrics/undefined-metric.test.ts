import { describe, expect, it } from 'vitest';
import { measureBaseline, measureSkill } from '../../src/metrics/baseline.ts';
import { measureRegression } from '../../src/metrics/regression.ts';
import { explainUndefined } from '../../src/metrics/undefined-metric.ts';

describe('explainUndefined', () => {
  it.each([
    ['constant predictions', [0.1, 0.4], [0.5, 0.5], 'pearson', 'all predictions are equal'],
    ['constant labels', [0.5, 0.5], [0.1, 0.4], 'r2', 'all labels are equal'],
    ['both', [0.5, 0.5], [0.2, 0.2], 'kendall', 'all labels and all predictions are equal'],
    ['one row', [0.5], [0.2], 'spearman', 'there is only one row'],
    ['a tiny spread', [0, 1e-170, 1e-170], [0, 0, 1], 'r2', 'the values differ too little'],
  ] as const)('%s', (_, labels, predictions, metric, reason) => {
    expect(explainUndefined(metric, measureRegression(labels, predictions))).toContain(reason);
  });

  it('has nothing to say of what is defined', () => {
    const measured = measureRegression([0.1, 0.4], [0.5, 0.5]);
    expect(explainUndefined('rmse', measured)).toBeUndefined();
    expect(explainUndefined('concordance', measured)).toBeUndefined();
    expect(measured).toMatchObject({ concordance: 0, pairwiseAccuracy: 0.5 });
  });
});

describe('measureBaseline', () => {
  it('is what the mean itself is worth', () => {
    const labels = [0, 0.5, 1];
    expect(measureBaseline(labels, 0.5)).toMatchObject({ mse: 1 / 6, r2: 0, pearson: null });
    expect(measureSkill(measureRegression(labels, [0, 0.5, 1]), measureBaseline(labels, 0.5))).toBe(1);
    expect(measureSkill({ mse: 0.3 }, { mse: 0.1 })).toBeCloseTo(-2, 12);
    expect(measureSkill({ mse: 0.3 }, { mse: 0 })).toBeNull();
  });
});
