import { describe, expect, it } from 'vitest';
import { fitLine } from '../../src/metrics/fit.ts';
import { measureRegression } from '../../src/metrics/regression.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeRows } from './rows.ts';
import { readScatter, takeBars, takeGroup, takeTexts, takeVertices } from './svg-parts.ts';

const SMALL = {
  labels: [0.9, 0.1, 0.5, 0.5, 1, 0],
  predictions: [0.8, 0.25, 0.5, 0.75, 1, 0.125],
  title: 'Small model',
  subtitle: 'Six rows',
  labelName: 'score',
};

describe('renderPredictionsScatter', () => {
  it('draws six rows', async () => {
    await expect(renderPredictionsScatter(SMALL)).toMatchFileSnapshot('../files/plot/six-rows.svg');
  });

  it.each([6, 700, 6_000])('gives the same bytes twice for %i rows, from either kind of array', (n) => {
    const { labels, predictions } = makeRows(n);
    const svg = renderPredictionsScatter({ ...SMALL, labels, predictions });
    expect(renderPredictionsScatter({ ...SMALL, labels, predictions })).toBe(svg);
    const typed = { labels: Float64Array.from(labels), predictions: Float64Array.from(predictions) };
    expect(renderPredictionsScatter({ ...SMALL, ...typed })).toBe(svg);
  });

  it.each([
    ['scores in [0, 1]', SMALL],
    ['one row', { ...SMALL, labels: [0.25], predictions: [0.75] }],
    ['some hundred rows', { ...SMALL, ...makeRows(339) }],
    ['values of both signs', { ...SMALL, labels: [-4, 3, 12.5], predictions: [7, -1.5, 9] }],
    ['large values', { ...SMALL, labels: [2e6, 5e6, 9e6], predictions: [1e6, 8e6, 3e6] }],
    ['small values', { ...SMALL, labels: [-2e-6, 5e-6, 9e-6], predictions: [1e-6, 8e-6, 3e-6] }],
    ['a far offset', { ...SMALL, labels: [1e6, 1e6 + 1], predictions: [1e6 + 0.25, 1e6 + 0.75] }],
    ['constant predictions', { ...SMALL, labels: [0.1, 0.9], predictions: [0.5, 0.5] }],
    ['equal values', { ...SMALL, labels: [-3, -3], predictions: [-3, -3] }],
  ])('draws a circle for every row, in order, where the axes say: %s', (_, input) => {
    const svg = renderPredictionsScatter(input);
    const { circles, readPlace } = readScatter(svg);
    const [low, high] = takeVertices(svg, 'identity').map((corner) => readPlace(corner)[0]);
    const tolerance = (high! - low!) * 1e-4;
    expect(circles).toHaveLength(input.labels.length);
    for (const [row, circle] of circles.entries()) {
      const [label, prediction] = readPlace(circle);
      expect(Math.abs(label - input.labels[row]!)).toBeLessThan(tolerance);
      expect(Math.abs(prediction - input.predictions[row]!)).toBeLessThan(tolerance);
    }
  });

  it('draws the identity from corner to corner and the least-squares line over the labels', () => {
    const rows = makeRows(50);
    const svg = renderPredictionsScatter({ ...SMALL, ...rows });
    const { readPlace } = readScatter(svg);
    const expectPlaces = (name: string, expected: number[]) => {
      const found = takeVertices(svg, name).flatMap(readPlace);
      expect(found).toHaveLength(4);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
    };
    expectPlaces('identity', [0, 0, 1, 1]);
    const { slope, intercept } = fitLine(rows.labels, rows.predictions)!;
    const [from, to] = [Math.min(...rows.labels), Math.max(...rows.labels)];
    expectPlaces('fit', [from, intercept + slope * from, to, intercept + slope * to]);
    expect(takeTexts(svg)).toContain(`least squares: ${intercept.toFixed(3)} + ${slope.toFixed(3)} × true`);
  });

  it('cuts a steep line at the frame', () => {
    const input = { ...SMALL, labels: [0.4, 0.5, 0.5, 0.5, 0.6], predictions: [0, 0.8, 0.8, 0.8, 1] };
    const svg = renderPredictionsScatter(input);
    const { slope, intercept } = fitLine(input.labels, input.predictions)!;
    expect(intercept + slope * 0.6).toBeGreaterThan(1);
    const [, end] = takeVertices(svg, 'fit').map(readScatter(svg).readPlace);
    expect(end![0]).toBeCloseTo((1 - intercept) / slope, 3);
    expect(end![1]).toBeCloseTo(1, 3);
  });

  it('draws no line where the labels do not vary, and says so', () => {
    const svg = renderPredictionsScatter({ ...SMALL, labels: [0.5, 0.5], predictions: [0.2, 0.9] });
    expect(takeVertices(svg, 'fit')).toEqual([]);
    expect(takeTexts(svg)).toContain('no fitted line: the labels do not vary');
    expect(takeTexts(takeGroup(svg, 'metrics'))).toEqual([
      ...['Rows', '2', 'R²', 'n/a', 'Pearson r', 'n/a', 'Spearman ρ', 'n/a'],
      ...['RMSE', '0.3536', 'MAE', '0.3500'],
    ]);
  });

  it('prints what measureRegression measures', () => {
    const { labels, predictions } = makeRows(955);
    // An offset, because without one R² and explained variance print alike.
    const rows = { labels, predictions: predictions.map((prediction) => prediction + 0.1) };
    const measured = measureRegression(rows.labels, rows.predictions);
    const texts = takeTexts(renderPredictionsScatter({ ...SMALL, ...rows }));
    const shown = (name: string) => texts[texts.indexOf(name) + 1];
    expect(shown('Rows')).toBe('955');
    expect(shown('R²')).toBe(measured.r2?.toFixed(3));
    expect(shown('Pearson r')).toBe(measured.pearson?.toFixed(3));
    expect(shown('Spearman ρ')).toBe(measured.spearman?.toFixed(3));
    expect(shown('RMSE')).toBe(measured.rmse.toFixed(4));
    expect(shown('MAE')).toBe(measured.mae.toFixed(4));
    const spread = (mean: number, std: number) => `mean ${mean.toFixed(3)} · std ${std.toFixed(3)}`;
    expect(texts).toContain(spread(measured.labelMean, measured.labelStd));
    expect(texts).toContain(spread(measured.predictionMean, measured.predictionStd));
  });

  it('counts rows in the histograms along both sides', () => {
    const rows = { labels: [0.11, 0.12, 0.13, 0.91], predictions: [0.11, 0.31, 0.32, 1] };
    const svg = renderPredictionsScatter({ ...SMALL, ...rows });
    const { readPlace } = readScatter(svg);
    const above = takeBars(svg, 'label-histogram');
    expect(above.map(({ h }) => h / above[0]!.h)).toEqual([1, expect.closeTo(1 / 3, 2)]);
    expect(above.map(({ x }) => readPlace([x, 0])[0])).toEqual([
      expect.closeTo(0.1, 3),
      expect.closeTo(0.9, 3),
    ]);
    const beside = takeBars(svg, 'prediction-histogram');
    expect(beside.map(({ w }) => w / beside[1]!.w)).toEqual([0.5, 1, 0.5]);
    expect(beside.map(({ y, h }) => readPlace([0, y + h])[1])).toEqual(
      [0.1, 0.3, 0.95].map((value) => expect.closeTo(value, 3)),
    );
  });

  it('draws points at the very limits whole, inside the frame', () => {
    const svg = renderPredictionsScatter({ ...SMALL, labels: [0, 1], predictions: [1, 0] });
    const frame = svg.match(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/) ?? [];
    const [left = 0, top = 0, side = 0] = frame.slice(1).map(Number);
    const radius = Number(takeGroup(svg, 'points').match(/ r="([\d.]+)"/)?.[1]);
    for (const [x, y] of readScatter(svg).circles) {
      expect(Math.min(x - left, left + side - x)).toBeGreaterThan(radius);
      expect(Math.min(y - top, top + side - y)).toBeGreaterThan(radius);
    }
  });

  it('adds contours to a crowd, and counts a large one in cells', () => {
    const draw = (n: number) => renderPredictionsScatter({ ...SMALL, ...makeRows(n) });
    const contours = draw(501).match(/<g class="contours".*<\/g>/)?.[0];
    expect(contours?.match(/<path/g)).toHaveLength(3);
    expect(draw(500)).not.toContain('contours');
    expect(readScatter(draw(5_000)).circles).toHaveLength(5_000);
    const cells = draw(5_001);
    expect(readScatter(cells).circles).toEqual([]);
    expect(takeTexts(takeGroup(cells, 'legend'))).toContain('rows per cell');
  });

  it('stays below a megabyte', () => {
    for (const n of [5_000, 20_000]) {
      const svg = renderPredictionsScatter({ ...SMALL, ...makeRows(n) });
      expect(Buffer.byteLength(svg)).toBeLessThan(1_000_000);
    }
  });

  it.each([
    ['different lengths', [1, 2], [1]],
    ['no rows', [], []],
    ['a NaN', [0.5, 0.5], [0.5, Number.NaN]],
    ['an infinite label', [Number.POSITIVE_INFINITY], [0.5]],
  ])('refuses %s', async (_, labels, predictions) => {
    const error = await catchError(() => renderPredictionsScatter({ ...SMALL, labels, predictions }));
    expect(error.code).toBe('INPUT_INVALID');
  });
});
