import { describe, expect, it } from 'vitest';
import { quantileStudent95 } from '../../src/metrics/student.ts';

describe('quantileStudent95', () => {
  // From scipy.stats.t.ppf(0.975, freedom), SciPy 1.17.
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [5, 2.5705818356363146],
    [6, 2.4469118511449786],
    [7, 2.364624251592784],
    [9, 2.262157162798205],
    [20, 2.085963447265864],
    [95, 1.9852510035054978],
    [1000, 1.9623390808264083],
  ])('is what SciPy says for %i degrees of freedom', (freedom, expected) => {
    expect(Math.abs(quantileStudent95(freedom) - expected)).toBeLessThan(0.001);
  });
});
