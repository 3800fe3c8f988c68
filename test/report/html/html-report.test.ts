import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderHtmlReport } from '../../../src/report/html/index.ts';
import { HOSTILE, makeReport, makeReportRows } from './sample-report.ts';

/** Without data and code, so that a failure prints what a person can read. */
function stripScripts(text: string): string {
  return text.replace(/<(script|style)\b.*?<\/\1>/gs, '');
}

const page = renderHtmlReport(makeReport(), { name: 'me/model', rows: makeReportRows(955, 2_000) });

describe('renderHtmlReport', () => {
  it('is one file below a megabyte, the same each time', () => {
    expect(page.length).toBeLessThan(1_000_000);
    expect(page.length).toBeGreaterThan(300_000);
    expect(
      renderHtmlReport(makeReport(), { name: 'me/model', rows: makeReportRows(955, 2_000) }) === page,
    ).toBe(true);
  });

  it('names nothing outside of itself', () => {
    const bare = stripScripts(page);
    expect(bare).not.toMatch(/\b(src|href)="(?!#|data:,")/);
    expect(bare).not.toMatch(/https?:\/\/|url\(|@import/);
  });

  it('lets exactly its own scripts and styles run', () => {
    const policy = page.match(/Content-Security-Policy" content="([^"]+)"/)?.[1] ?? '';
    const hash = (text: string) => `&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => hash(text));
    const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text = '']) => hash(text));
    expect(policy).toContain(`script-src ${scripts.join(' ')};`);
    expect(policy).toContain(`style-src ${styles.join(' ')};`);
    expect(policy).toMatch(/^default-src &#39;none&#39;;/);
    expect(scripts).toHaveLength(1);
    expect(stripScripts(page)).not.toMatch(/<[^>]* (on[a-z]+|style)=/);
  });

  it('keeps text of the report text', () => {
    expect(page.includes(HOSTILE)).toBe(false);
    expect(page.split('&lt;/script&gt;&lt;script&gt;window.pwned = true').length - 1).toBe(4);
  });

  it.each([
    ['verified', makeReport({ ok: true }), 'Verified'],
    ['failed', makeReport(), 'Not verified'],
    [
      'a sample',
      makeReport({
        partial: true,
        sample: { rows: 10, of: 100, seed: 0, confidence: 0.99 },
        summary: { pass: 1, warn: 0, fail: 0, skip: 0 },
      }),
      'In part: only a sample of the rows was looked at',
    ],
    [
      'nothing',
      makeReport({ summary: { pass: 3, warn: 0, fail: 0, skip: 1 } }),
      'Nothing proven: what had to be checked was skipped',
    ],
  ])('says the verdict: %s', (_, report, word) => {
    const text = renderHtmlReport(report, { name: 'me/model', rows: { missing: 'no rows' } });
    expect(stripScripts(text)).toContain(`<p id="verdict" class="word">${word}</p>`);
    expect(stripScripts(text)).toContain('no rows');
    expect(text.includes('id="row-data"')).toBe(false);
  });

  it('shows metrics with margins, and groups with a failure first', () => {
    expect(stripScripts(page)).toContain('aria-label="share of the tolerance: 1.0 %"');
    expect(stripScripts(page)).toContain('<span>over 10 times</span>');
    expect([...page.matchAll(/<h3>([^<]*)<\/h3>\s*<ul/g)].map(([, name]) => name)).toEqual([
      'Inference',
      'Data',
      'Files',
      'Model card',
    ]);
    expect(stripScripts(page)).toContain('the largest difference of a row: 0.0002 of at most 0.0001');
  });
});
