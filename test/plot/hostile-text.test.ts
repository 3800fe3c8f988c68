import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rasterizeSvg } from '../../src/plot/raster.ts';
import { renderPredictionsScatter } from '../../src/plot/scatter.ts';
import { decodePng, listInk } from './png.ts';
import { makeRows } from './rows.ts';
import { takeTexts } from './svg-parts.ts';

const ROWS = { labels: [0.1, 0.9], predictions: [0.3, 0.7] };

/** The names of all elements: no text may add one. */
function listElements(svg: string): Set<string> {
  return new Set(svg.match(/<[^\s>]*/g));
}

describe('text from outside', () => {
  // The rasteriser's XML parser is the oracle: it refuses a document that is not well-formed.
  it.each([
    ['markup', '</text></svg><script>alert(1)</script><svg><text>'],
    ['entities', '&lt; & &amp; &#0; &nbsp; &xxe; <!ENTITY xxe SYSTEM "file:///etc/passwd">'],
    ['quotes', `" onload="alert(1)" ' ]]> --> <![CDATA[`],
    ['control characters', 'a\u{0}b\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{9f}c'],
    ['no characters', 'a\u{fffe}\u{ffff}\u{d800}b'],
    ['line breaks', 'a\r\nb\tc\u{2028}d'],
    ['direction marks', '\u{202e}abc\u{2066}'],
  ])('stays text: %s', (_, text) => {
    const render = (title: string) =>
      renderPredictionsScatter({ ...ROWS, title, subtitle: title, labelName: title });
    const svg = render(text);
    expect(listElements(svg)).toEqual(listElements(render('plain')));
    expect(() => rasterizeSvg(svg, { width: 64 })).not.toThrow();
  });

  it('keeps its characters', () => {
    const svg = renderPredictionsScatter({ ...ROWS, title: `R&D <v2> "it's"` });
    expect(takeTexts(svg)).toContain('R&amp;D &lt;v2&gt; &quot;it&#39;s&quot;');
    expect(svg).toContain('<title>R&amp;D &lt;v2&gt; &quot;it&#39;s&quot;</title>');
  });

  it('never makes a picture that cannot be read', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (title, subtitle, labelName) => {
        rasterizeSvg(renderPredictionsScatter({ ...ROWS, title, subtitle, labelName }), { width: 16 });
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['words', 'a rather long title made of words '.repeat(20)],
    ['a path without spaces', 'organisation/some-model_name.v2:'.repeat(20)],
    ['one endless word', 'W'.repeat(200_000)],
    ['wide capitals', 'MMMM WWWW '.repeat(40)],
    ['another script', 'Модель Ελληνικά \u{65e5}\u{672c}\u{8a9e} \u{1f3af} '.repeat(20)],
  ])('never runs over the edge of the page: %s', (_, text) => {
    const svg = renderPredictionsScatter({ ...makeRows(20), title: text, subtitle: text, labelName: text });
    expectEmptyEdge(svg);
    expect(takeTexts(svg).filter((line) => line.endsWith('…'))).toHaveLength(3);
  });

  it.each([
    ['huge', 1e120, -1e120],
    ['tiny', -1e-120, 1e-120],
    ['far from zero', -123_456_789.25, -123_456_788.5],
    ['adjacent', 1e6, 1e6 + 2 ** -33],
    ['subnormal', -5e-324, 0],
  ])('never lets numbers run over the edge of the page: %s', (_, one, other) => {
    expectEmptyEdge(
      renderPredictionsScatter({
        labels: [one, other, one],
        predictions: [other, one, one],
        title: 'Numbers',
      }),
    );
  });
});

function expectEmptyEdge(svg: string): void {
  const image = decodePng(rasterizeSvg(svg, { width: 640 }));
  const edge = 12;
  const outside = listInk(image).filter(
    ({ x, y }) => Math.min(x, y) < edge || x >= image.width - edge || y >= image.height - edge,
  );
  expect(outside).toEqual([]);
}
