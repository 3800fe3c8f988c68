import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MOST_ROWS, packRows, type ReportRows } from '../../../src/report/html/pack-rows.ts';
import type { RowData } from '../../../src/report/html/row-data.ts';
import { makeReportRows } from './sample-report.ts';

function unpack(rows: ReportRows): RowData {
  // Node's own zlib is the oracle: another reader of the same format.
  return JSON.parse(gunzipSync(Buffer.from(packRows(rows), 'base64')).toString());
}

describe('packRows', () => {
  it('keeps every row, its text and its numbers to six digits', () => {
    const rows = makeReportRows(40);
    const data = unpack(rows);
    expect(data).toMatchObject({ labelName: 'similarity', total: 40, texts: rows.texts, cut: {} });
    expect(data.numbers).toBeUndefined();
    for (const [row, label] of data.labels.entries()) expect(label).toBeCloseTo(rows.labels[row]!, 5);
    for (const [row, score] of data.predictions.entries())
      expect(score).toBeCloseTo(rows.predictions[row]!, 5);
  });

  it('gives the same text twice', () => {
    expect(packRows(makeReportRows(40))).toBe(packRows(makeReportRows(40)));
  });

  it.each([
    [955, 3_000],
    [20_000, 400],
    [40_000, 60],
  ])('stays below 820,000 characters for %i rows of %i', (count, characters) => {
    const packed = packRows(makeReportRows(count, characters));
    expect(packed.length).toBeLessThanOrEqual(820_000);
    expect(packed.length).toBeGreaterThan(200_000);
  });

  it('cuts long texts and says how long they were', () => {
    const rows = makeReportRows(2_000, 4_000);
    const data = unpack(rows);
    expect(data.textLimit).toBeGreaterThan(0);
    expect(data.texts[0]).toBe(rows.texts[0]!.slice(0, data.textLimit));
    expect(data.cut[0]).toBe(rows.texts[0]!.length);
    expect(data.cut[2]).toBeUndefined();
  });

  it('never cuts a character in two', () => {
    const text = `${'x'.repeat(7_999)}\u{1f3af}\u{1f3af}`;
    const data = unpack({ labelName: 'a', labels: [0], predictions: [0], texts: [text] });
    expect(data.texts[0]).toBe('x'.repeat(7_999));
    expect(data.cut[0]).toBe(text.length);
  });

  it('of very many rows keeps the worst and an even choice, and says which', () => {
    const rows = makeReportRows(40_000, 20);
    const labels = Array.from(rows.labels);
    const predictions = Array.from(rows.predictions);
    for (const row of [12, 37_777]) predictions[row] = labels[row]! + 5;
    const data = unpack({ ...rows, labels, predictions });
    expect(data.total).toBe(40_000);
    expect(data.labels).toHaveLength(MOST_ROWS);
    expect(data.numbers).toEqual(expect.arrayContaining([13, 37_778]));
    expect(new Set(data.numbers).size).toBe(MOST_ROWS);
    expect(data.numbers).toEqual([...data.numbers!].sort((a, b) => a - b));
    const gaps = data.numbers!.slice(1).map((number, i) => number - data.numbers![i]!);
    expect(Math.max(...gaps)).toBeLessThan(10);
  });
});
