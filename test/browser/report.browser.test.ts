import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtmlReport } from '../../src/report/html/index.ts';
import type { ReportRows } from '../../src/report/html/pack-rows.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { HOSTILE, makeReport, makeReportRows } from '../report/html/sample-report.ts';
import { listAccessibilityFaults } from './accessibility.ts';
import { type Browser, type Look, launchBrowser, noChromium } from './chromium.ts';

const ROWS = makeReportRows(955);

let browser: Browser;

function writePage(rows: ReportRows = ROWS): string {
  const path = join(makeTempDir(), 'report.html');
  writeFileSync(path, renderHtmlReport(makeReport(), { name: 'me/model', rows }));
  return pathToFileURL(path).href;
}

async function openReport(look: Partial<Look> = {}, rows: ReportRows = ROWS) {
  const opened = await browser.open(writePage(rows), look);
  await opened.page.waitForSelector('#list tr');
  return opened;
}

describe.skipIf(noChromium !== '')(
  `the HTML report in Chromium${noChromium && ` (skipped: ${noChromium})`}`,
  () => {
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    it('runs without a complaint and fetches nothing', async () => {
      const { page, complaints } = await openReport();
      expect(await page.title()).toBe('me/model: verification report');
      expect(await page.locator('#row-count').textContent()).toBe('955 of 955 rows');
      expect(complaints).toEqual([]);
    });

    it.each(['light', 'dark'] as const)(
      'has no fault that axe-core knows, wide and narrow: %s',
      async (theme) => {
        for (const width of [1280, 390]) {
          const { page, complaints } = await openReport({ theme, width });
          await page.locator('.pick').first().click();
          expect(await listAccessibilityFaults(page)).toEqual([]);
          expect(complaints).toEqual([]);
        }
      },
    );

    it('says what row is pointed at, and keeps it with a click', async () => {
      const { page } = await openReport();
      const row = 41;
      const place = await page.locator('#plot').evaluate(
        (plot, [label, prediction]) => {
          // The plot's frame, as the page lays it out, with [0, 1] on both axes and a 40th of it free on every side.
          const unit = { x: (plot.clientWidth - 68) / 1.05, y: (plot.clientHeight - 58) / 1.05 };
          return { x: 56 + (label! + 0.025) * unit.x, y: 12 + (1.025 - prediction!) * unit.y };
        },
        [ROWS.labels[row], ROWS.predictions[row]] as const,
      );
      await page.locator('#plot').hover({ position: place });
      await page.waitForSelector('#tip:not([hidden])');
      expect(await page.locator('#tip').textContent()).toContain(
        `Row ${row + 1}true ${ROWS.labels[row]!.toFixed(4)}`,
      );
      await page.locator('#plot').click({ position: place });
      await page.mouse.move(5, 5);
      const detail = await page.locator('#detail').textContent();
      expect(detail).toContain(`Row ${row + 1}`);
      expect(detail).toContain(ROWS.texts[row]);
      expect(detail).toContain(ROWS.predictions[row]!.toFixed(4));
    });

    it('goes from row to row by keyboard', async () => {
      const { page } = await openReport();
      const order = Array.from(ROWS.labels, (label, row) => ({ label, row })).sort(
        (a, b) => a.label - b.label,
      );
      const shown = () => page.locator('#detail h3').textContent();
      await page.locator('#plot').focus();
      await page.keyboard.press('ArrowRight');
      expect(await shown()).toBe(`Row ${order[0]!.row + 1}`);
      await page.keyboard.press('ArrowRight');
      expect(await shown()).toBe(`Row ${order[1]!.row + 1}`);
      await page.keyboard.press('End');
      expect(await shown()).toBe(`Row ${order.at(-1)!.row + 1}`);
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowLeft');
      expect(await shown()).toBe(`Row ${order.at(-1)!.row + 1}`);
      await page.keyboard.press('Escape');
      expect(await page.locator('#detail').textContent()).toContain('Point at a row');
    });

    it('lists the rows with the largest errors first, in other orders, and more of them', async () => {
      const { page } = await openReport();
      const errors = Array.from(ROWS.labels, (label, row) => ROWS.predictions[row]! - label);
      const first = async () => Number(await page.locator('.pick').first().textContent()) - 1;
      const ranked = [...errors.keys()].sort((a, b) => Math.abs(errors[b]!) - Math.abs(errors[a]!));
      expect(await first()).toBe(ranked[0]);
      await page.selectOption('#order', 'under');
      expect(await first()).toBe(errors.indexOf(Math.min(...errors)));
      await page.selectOption('#order', 'file');
      expect(await first()).toBe(0);
      expect(await page.locator('#list tr').count()).toBe(25);
      await page.locator('#more').click();
      expect(await page.locator('#list tr').count()).toBe(50);
    });

    it('filters rows by words and by error, and checks by status and words', async () => {
      const { page } = await openReport();
      await page.locator('#row-filter [name=query]').fill('row7 ');
      await page.waitForFunction(
        () => document.querySelector('#row-count')?.textContent?.startsWith('1') === true,
      );
      const found = ROWS.texts.filter((text) => text.includes('row7')).length;
      expect(await page.locator('#row-count').textContent()).toBe(`${found} of 955 rows`);
      await page.locator('#row-filter [name=query]').fill('');
      await page.locator('#row-filter [name=least]').fill('0.1');
      const large = Array.from(ROWS.labels, (label, row) => Math.abs(ROWS.predictions[row]! - label)).filter(
        (error) => error >= 0.1,
      ).length;
      await page.waitForFunction(
        (count) => document.querySelector('#row-count')?.textContent === `${count} of 955 rows`,
        large,
      );
      const visible = () => page.locator('.check:visible').count();
      expect(await visible()).toBe(4);
      await page.getByLabel('1 failed').check();
      await expect.poll(visible).toBe(1);
      expect(await page.locator('.group:visible h3').allTextContents()).toEqual(['Inference']);
      await page.locator('#check-filter [name=query]').fill('nothing like this');
      await expect.poll(visible).toBe(0);
      expect(await page.locator('#no-checks').isVisible()).toBe(true);
    });

    it('follows the system theme until told otherwise, and repaints', async () => {
      const { page } = await openReport({ theme: 'dark' });
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const picture = () =>
        page.locator('#points').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      expect(await ground()).toBe('rgb(13, 17, 23)');
      const dark = await picture();
      await page.locator('#theme').click();
      expect(await page.locator('#theme').textContent()).toBe('Theme: light');
      expect(await ground()).toBe('rgb(255, 255, 255)');
      await expect.poll(picture).not.toBe(dark);
    });

    it.each([320, 390, 768])('never scrolls sideways at %i pixels', async (width) => {
      const { page } = await openReport({ width });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await page.locator('.pick').first().isVisible()).toBe(true);
    });

    it('shows a script of a data row as the text that it is', async () => {
      const { page, complaints } = await openReport();
      await page.selectOption('#order', 'file');
      await page.locator('.pick').nth(2).click();
      expect(await page.locator('#detail pre').textContent()).toBe(HOSTILE);
      expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
      expect(await page.locator('img').count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('searches, points and orders 20,000 rows', async () => {
      const rows = makeReportRows(20_000, 200);
      const { page, complaints } = await openReport({}, rows);
      expect(await page.locator('#row-count').textContent()).toBe('20,000 of 20,000 rows');
      await page.locator('#row-filter [name=query]').fill('row19999');
      await expect.poll(() => page.locator('#row-count').textContent()).toBe('1 of 20,000 rows');
      await page.locator('#row-filter [name=query]').fill('');
      await page.locator('#plot').hover();
      await page.waitForSelector('#tip:not([hidden])');
      expect(complaints).toEqual([]);
    });
  },
);
