import { describe, expect, it } from 'vitest';
import { fitLine } from '../../src/metrics/fit.ts';
import { measureRegression } from '../../src/metrics/regression.ts';
import { describeScatter } from '../../src/plot/alt-text.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeRows } from './rows.ts';

describe('describeScatter', () => {
  it('says what measureRegression and fitLine measure', () => {
    const { labels, predictions } = makeRows(1_234);
    const measured = measureRegression(labels, predictions);
    const fit = fitLine(labels, predictions)!;
    expect(describeScatter({ labels, predictions, title: 'Any', labelName: 'similarity' })).toBe(
      [
        'Scatter plot of predicted score against true similarity for 1,234 rows, both axes from 0 to 1.',
        `R² ${measured.r2!.toFixed(3)}, Pearson r ${measured.pearson!.toFixed(3)},`,
        `Spearman ρ ${measured.spearman!.toFixed(3)},`,
        `RMSE ${measured.rmse.toFixed(4)}, MAE ${measured.mae.toFixed(4)}.`,
        `True mean ${measured.labelMean.toFixed(3)} with standard deviation ${measured.labelStd.toFixed(3)},`,
        `predicted mean ${measured.predictionMean.toFixed(3)}`,
        `with standard deviation ${measured.predictionStd.toFixed(3)}.`,
        `The least-squares line has slope ${fit.slope.toFixed(3)} and intercept ${fit.intercept.toFixed(3)},`,
        'where a perfect model has 1 and 0.',
      ].join(' '),
    );
  });

  it('says what is undefined', () => {
    const text = describeScatter({ labels: [3], predictions: [-5], title: 'One' });
    expect(text).toContain('true label for 1 row, both axes from -5 to 3.');
    expect(text).toContain(
      'R² undefined, Pearson r undefined, Spearman ρ undefined, RMSE 8.0000, MAE 8.0000.',
    );
    expect(text).toContain('No fitted line, because the labels do not vary.');
  });

  it('is one line, and the description inside the SVG', () => {
    const input = { ...makeRows(9), title: 'Any', labelName: 'a\nb\t c' };
    expect(describeScatter(input)).toContain('true a b c for 9 rows');
    expect(renderPredictionsScatter(input)).toContain(`<desc>${describeScatter(input)}</desc>`);
  });

  it('refuses what cannot be drawn', async () => {
    const error = await catchError(() => describeScatter({ labels: [1], predictions: [], title: 'None' }));
    expect(error.code).toBe('INPUT_INVALID');
  });
});
