import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writePictures } from '../../src/assemble/pictures.ts';
import { writeLock } from '../../src/bundle.ts';
import { loadConfig } from '../../src/config.ts';
import { startPreview } from '../../src/preview/index.ts';
import { writeReport } from '../../src/verification.ts';
import { writeSmallBundle } from '../card/small-bundle.ts';
import { makeReport } from '../report/html/sample-report.ts';
import { listAccessibilityFaults } from './accessibility.ts';
import { type Browser, launchBrowser, noChromium } from './chromium.ts';

const CONFIG = 'hubwright.json';

let browser: Browser;

async function openPreview(card?: object): Promise<{ dir: string; url: string }> {
  const dir = writeSmallBundle(card === undefined ? {} : { config: { card } });
  await writePictures(dir, await loadConfig(join(dir, CONFIG)));
  await writeReport(dir, makeReport());
  await writeLock(dir);
  const preview = await startPreview(dir, { port: 0 });
  onTestFinished(() => preview.close());
  return { dir, url: preview.url };
}

describe.skipIf(noChromium !== '')(
  `the preview in Chromium${noChromium && ` (skipped: ${noChromium})`}`,
  () => {
    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());

    it.each(['light', 'dark'] as const)(
      'has no fault that axe-core knows, on any page: %s',
      async (theme) => {
        const { url } = await openPreview();
        for (const path of ['', 'files', 'report']) {
          const { page, complaints } = await browser.open(`${url}${path}`, { theme });
          expect(await listAccessibilityFaults(page)).toEqual([]);
          expect(complaints).toEqual([]);
          await page.close();
        }
      },
    );

    it('finds a fault where there is one', async () => {
      const { url } = await openPreview();
      const { page } = await browser.open(`${url}files`);
      await page.evaluate(() => document.body.append(document.createElement('input')));
      expect((await listAccessibilityFaults(page)).join('\n')).toContain('label:');
    });

    it('loads the pictures of the theme, and those alone are seen', async () => {
      const { url } = await openPreview();
      const { page } = await browser.open(url, { theme: 'dark' });
      const seen = () =>
        page.locator('.card img:visible').evaluateAll((images) =>
          images.map((image) => {
            const { src, naturalWidth } = image as HTMLImageElement;
            return `${src.split('_').at(-1)} ${naturalWidth}`;
          }),
        );
      // With so few rows the card has no part on where the model errs, nor its picture.
      expect(await seen()).toEqual(Array(2).fill('dark.png 1280'));
      await page.locator('#theme').click();
      expect(await seen()).toEqual(['scatter.png 1280', 'calibration.png 1280']);
    });

    it('shows an edit of the config by itself', async () => {
      const { dir, url } = await openPreview();
      const { page, complaints } = await browser.open(url);
      const path = join(dir, CONFIG);
      const config = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...config, title: 'Another name altogether' }));
      await page.getByRole('heading', { name: 'Another name altogether' }).waitFor();
      expect(complaints).toEqual([]);
    });

    it('changes the example of the widget', async () => {
      const { url } = await openPreview();
      const { page } = await browser.open(url);
      const shown = () => page.locator('.example:visible pre').textContent();
      const first = await shown();
      await page.selectOption('#example', { index: 1 });
      expect(await page.locator('.example:visible').count()).toBe(1);
      expect(await shown()).not.toBe(first);
    });

    it('runs nothing that the card brings along, and fetches nothing for it', async () => {
      const { url } = await openPreview({
        summary: [
          '<script>window.pwned = 1</script><img src="x" onerror="window.pwned = 1">',
          '<svg onload="window.pwned = 1"></svg>![tracker](https://tracker.example/p.png)',
          '<link rel="stylesheet" href="https://tracker.example/s.css"><iframe src="https://tracker.example"></iframe>',
        ].join('\n\n'),
      });
      const { page, complaints } = await browser.open(url);
      expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
      expect(await page.locator('.card').textContent()).toContain('picture from tracker.example: tracker');
      // The picture that is not in the bundle is asked of the preview, which has none.
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    });

    it.each([320, 768])('never scrolls sideways at %i pixels', async (width) => {
      const { url } = await openPreview();
      for (const path of ['', 'files', 'report']) {
        const { page } = await browser.open(`${url}${path}`, { width });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.close();
      }
    });
  },
);
