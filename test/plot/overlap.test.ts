import { describe, expect, it } from 'vitest';
import { renderLegend } from '../../src/plot/legend.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { measureText } from '../../src/plot/text-width.ts';
import { takeGroup } from './svg-parts.ts';

/** Text elements with the stretch of the line that each one takes. */
function listStretches(group: string): { baseline: number; from: number; to: number }[] {
  return [...group.matchAll(/<text([^>]*)>([^<]*)</g)].map(([, attributes = '', text = '']) => {
    const read = (name: string) => Number(attributes.match(new RegExp(` ${name}="([\\d.]+)"`))?.[1]);
    const weight = attributes.includes('bold') ? 'bold' : 'normal';
    const width = measureText(text, read('font-size'), weight);
    const from = read('x') - (attributes.includes('middle') ? width / 2 : 0);
    return { baseline: read('y'), from, to: from + width };
  });
}

function expectApart(group: string): void {
  const stretches = listStretches(group);
  expect(stretches.length).toBeGreaterThan(1);
  const sorted = stretches.toSorted((a, b) => a.baseline - b.baseline || a.from - b.from);
  for (const [i, { baseline, to }] of sorted.slice(0, -1).entries()) {
    const next = sorted[i + 1]!;
    if (next.baseline === baseline) expect(next.from - to).toBeGreaterThan(3);
  }
  for (const { to } of sorted) expect(to).toBeLessThanOrEqual(640 - 12);
}

describe('texts beside each other', () => {
  it.each([
    ['plain', 0.25, 0.75],
    ['huge', 1e120, -1e120],
    ['nearly equal labels', 1e-120, -2e-120],
    ['far from zero', -123_456_789.25, -123_456_788.5],
    ['many digits', 12_345.678, 12_345.679],
  ])('never meet: %s', (_, one, other) => {
    const svg = renderPredictionsScatter({
      labels: [one, other, one],
      predictions: [other, one, one],
      title: 'Numbers',
    });
    expectApart(takeGroup(svg, 'metrics'));
    expectApart(takeGroup(svg, 'x-axis'));
    expectApart(takeGroup(svg, 'legend'));
  });

  it('go to the next line of the legend when this one is full', () => {
    const items = Array.from({ length: 9 }, (_, i) => ({ text: `an item with number ${i}` }));
    const { svg, bottom } = renderLegend([items, [{ text: 'last' }]], 100);
    expectApart(svg);
    const baselines = listStretches(svg).map(({ baseline }) => baseline);
    expect(new Set(baselines).size).toBe(4);
    expect(Math.max(...baselines)).toBe(bottom);
  });
});
