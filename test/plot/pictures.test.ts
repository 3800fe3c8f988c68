import { describe, expect, it } from 'vitest';
import { measureRegression } from '../../src/metrics/regression.ts';
import { renderCalibration } from '../../src/plot/calibration.ts';
import { darkenSvg, PALETTE } from '../../src/plot/palette.ts';
import { listPictures, PICTURES } from '../../src/plot/pictures.ts';
import { rasterizeSvg } from '../../src/plot/raster.ts';
import { renderResiduals } from '../../src/plot/residuals.ts';
import { decodePng } from './png.ts';
import { makeRows } from './rows.ts';
import { readScatter, takeGroup, takeTexts, takeVertices } from './svg-parts.ts';

const TITLE = { title: 'Any', labelName: 'score' };
const CROWD = { ...makeRows(955), ...TITLE };
const CASES = [
  ['955 rows', CROWD],
  ['50 rows', { ...makeRows(50), ...TITLE }],
  ['20,000 rows', { ...makeRows(20_000), ...TITLE }],
  ['constant predictions', { ...makeRows(60), predictions: Array(60).fill(0.4), ...TITLE }],
  ['one row', { labels: [0.3], predictions: [0.7], ...TITLE }],
  ['equal values', { labels: [3, 3], predictions: [3, 3], ...TITLE }],
  ['no errors', { labels: [0.2, 0.4], predictions: [0.2, 0.4], ...TITLE }],
] as const;

describe.each(PICTURES.map((picture) => [picture.suffix, picture] as const))('%s', (_, picture) => {
  it.each(CASES)('is drawn for %s, the same each time, below a megabyte', (_, input) => {
    const svg = picture.render(input);
    expect(picture.render(input)).toBe(svg);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.length).toBeLessThan(1_000_000);
    expect(svg).toContain(`<desc>${picture.describe(input).replaceAll("'", '&#39;')}</desc>`);
    expect(() => rasterizeSvg(svg, { width: 64 })).not.toThrow();
  });

  it('has a name and a subtitle', () => {
    expect(picture.name).toMatch(/^[A-Z]/);
    expect(picture.subtitle).toContain('test split');
  });
});

describe('renderResiduals', () => {
  it('draws every error where the axes say', () => {
    const { labels, predictions } = makeRows(40);
    const { circles, readPlace } = readScatter(renderResiduals({ labels, predictions, ...TITLE }));
    expect(circles.length).toBeGreaterThanOrEqual(40);
    for (const [row, circle] of circles.slice(0, 40).entries()) {
      const [prediction, error] = readPlace(circle);
      expect(prediction).toBeCloseTo(predictions[row]!, 3);
      expect(error).toBeCloseTo(predictions[row]! - labels[row]!, 3);
    }
  });

  it('prints the metrics of the errors', () => {
    const measured = measureRegression(CROWD.labels, CROWD.predictions);
    const texts = takeTexts(renderResiduals(CROWD));
    const shown = (name: string) => texts[texts.indexOf(name) + 1]?.replace('\u{2212}', '-');
    expect(shown('Mean error')).toBe(measured.bias.toFixed(4));
    expect(shown('Median |error|')).toBe(measured.medianAbsoluteError.toFixed(4));
    expect(shown('Largest |error|')).toBe(measured.maxError.toFixed(4));
  });
});

describe('renderCalibration', () => {
  it('sets each bin at its mean prediction and mean label, with an interval around it', () => {
    // Two bins of ten rows: predictions 0.2 and 0.8, labels 0.1 apart around 0.3 and 0.6.
    const spread = [-0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1];
    const labels = [...spread.map((step) => 0.3 + step), ...spread.map((step) => 0.6 + step)];
    const predictions = [...Array(10).fill(0.2), ...Array(10).fill(0.8)];
    const svg = renderCalibration({ labels, predictions, ...TITLE });
    const { readPlace } = readScatter(svg);
    const dots = [...takeGroup(svg, 'bins').matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) =>
      readPlace([Number(x), Number(y)]),
    );
    expect(dots).toEqual([
      [expect.closeTo(0.2, 3), expect.closeTo(0.3, 3)],
      [expect.closeTo(0.8, 3), expect.closeTo(0.6, 3)],
    ]);
    // Half a 95 % interval: t(9) × sample deviation / √10 = 2.262 × 0.10541 / 3.162.
    const bars = svg.match(/<path class="bin-intervals" d="([^"]+)"/)?.[1] ?? '';
    const [, x = '', from = '', to = ''] = bars.match(/M([\d.]+),([\d.]+)V([\d.]+)/) ?? [];
    expect(readPlace([Number(x), Number(from)])[1]).toBeCloseTo(0.3 - 0.0754, 3);
    expect(readPlace([Number(x), Number(to)])[1]).toBeCloseTo(0.3 + 0.0754, 3);
  });

  it('draws the diagonal, and the line of labels by predictions', () => {
    const svg = renderCalibration(CROWD);
    const { readPlace } = readScatter(svg);
    expect(takeVertices(svg, 'identity').flatMap(readPlace)).toEqual(
      [0, 0, 1, 1].map((value) => expect.closeTo(value, 3)),
    );
    expect(takeTexts(svg).some((text) => /least squares: .* × predicted/.test(text))).toBe(true);
  });
});

describe('darkenSvg', () => {
  it('leaves no colour of the light page, and only colours change', () => {
    const light = [PALETTE].flatMap((palette) => Object.values(palette)).flat();
    for (const { render } of PICTURES) {
      const [svg, dark] = [render(CROWD), darkenSvg(render(CROWD))];
      for (const colour of light) expect(dark).not.toContain(`"${colour}"`);
      const bare = (text: string) => text.replace(/#[0-9a-f]{6}|fill-opacity="[\d.]+"/g, '');
      expect(bare(dark)).toBe(bare(svg));
    }
    const { pixels } = decodePng(rasterizeSvg(darkenSvg(renderCalibration(CROWD)), { width: 64 }));
    expect([...pixels.subarray(0, 4)]).toEqual([13, 17, 23, 255]);
  });

  it('does not touch a title that spells a colour', () => {
    const svg = darkenSvg(renderCalibration({ ...CROWD, title: 'paint it "#ffffff" and #0072b2' }));
    expect(svg).toContain('paint it &quot;#ffffff&quot; and #0072b2');
  });
});

describe('intervals', () => {
  it('stand below their metrics, and the legend says what they are', () => {
    const svg = PICTURES[0]!.render({ ...CROWD, intervals: { rmse: [0.1, 0.2], r2: [-0.25, 0.5] } });
    const texts = takeTexts(svg);
    expect(texts[texts.indexOf('RMSE') + 2]).toBe('0.1000–0.2000');
    expect(texts[texts.indexOf('R²') + 2]).toBe('−0.250 to 0.500');
    expect(texts.join('\n')).toContain('95 % interval');
    expect(takeTexts(PICTURES[0]!.render(CROWD)).join('\n')).not.toContain('interval');
  });
});

describe('listPictures', () => {
  it('names three files a picture, with its words', () => {
    expect(listPictures('my-model', CROWD).map(({ svg, png, darkPng }) => [svg, png, darkPng])).toEqual([
      ...['predictions_scatter', 'residuals', 'calibration'].map((suffix) => [
        `my-model_${suffix}.svg`,
        `my-model_${suffix}.png`,
        `my-model_${suffix}_dark.png`,
      ]),
    ]);
    for (const { alt } of listPictures(undefined, CROWD)) expect(alt).toMatch(/955 rows.*\.$/);
  });
});
