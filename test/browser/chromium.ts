import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** The browser that the system has, or the one that HUBWRIGHT_CHROMIUM names. */
const CHROMIUM = process.env.HUBWRIGHT_CHROMIUM ?? '/usr/bin/chromium';

/** Why the tests with a browser cannot run here; empty where they can. */
export const noChromium = existsSync(CHROMIUM) ? '' : `there is no ${CHROMIUM}: set HUBWRIGHT_CHROMIUM`;

/** A page, and everything that went wrong in it so far. */
export interface WatchedPage {
  readonly page: Page;
  /** Messages of errors and warnings, and requests to anything but what the test serves. */
  readonly complaints: string[];
}

export interface Browser {
  open(url: string, look?: Partial<Look>): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

export async function launchBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'hubwright-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
  return {
    async open(url, { theme = 'light', width = 1280, height = 900 } = {}) {
      const page = await context.newPage();
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme });
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      const { origin, protocol } = new URL(url);
      page.on('request', (request) => {
        const target = new URL(request.url());
        const own = target.href === url || (protocol === 'http:' && target.origin === origin);
        if (!own && target.protocol !== 'data:') complaints.push(`fetched ${request.url()}`);
      });
      await page.goto(url);
      return { page, complaints };
    },
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
