// How smoothly the HTML report moves in a real browser, by rows.
// Frame times are what requestAnimationFrame sees; 16.7 ms is every frame of a 60 Hz screen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { renderHtmlReport } from '../dist/report/html/index.js';
import { median, writeResult } from './shared.mjs';

const SIZES = [955, 20_000, 30_000];
const ROUNDS = 3;
const dir = mkdtempSync(join(tmpdir(), 'hubwright-bench-'));
const browser = await chromium.launch({
  executablePath: process.env.HUBWRIGHT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
});

const pages = SIZES.map((rows) => {
  const started = performance.now();
  const html = renderHtmlReport(makeReport(), { name: 'bench', rows: makeRows(rows) });
  const path = join(dir, `${rows}.html`);
  writeFileSync(path, html);
  return { rows, bytes: html.length, renderMs: performance.now() - started, url: pathToFileURL(path).href };
});
const runs = [];
// Interleaved, so that a slow moment of the machine falls on every size.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { rows, url } of pages) runs.push({ rows, ...(await measure(url)) });
}
const results = pages.map(({ rows, bytes, renderMs }) => {
  const own = runs.filter((run) => run.rows === rows);
  const of = (name) => median(own.map((run) => run[name]));
  return {
    rows,
    bytes,
    renderMs: Math.round(renderMs),
    firstRowMs: Math.round(of('firstRowMs')),
    hover: describe(own.flatMap(({ hover }) => hover)),
    filter: describe(own.flatMap(({ filter }) => filter)),
  };
});
const version = browser.version();
await browser.close();
rmSync(dir, { recursive: true });
console.log(
  JSON.stringify(writeResult('report-page', { rounds: ROUNDS, browser: version, results }), null, 2),
);

async function measure(url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const started = performance.now();
  await page.goto(url);
  await page.waitForSelector('#list tr');
  const firstRowMs = performance.now() - started;
  await page.locator('#plot').scrollIntoViewIfNeeded();
  const box = await page.locator('#plot').boundingBox();
  const hover = await record(page, async () => {
    for (let i = 0; i < 120; i += 1) {
      const t = i / 120;
      await page.mouse.move(box.x + box.width * (0.15 + 0.7 * t), box.y + box.height * (0.85 - 0.7 * t));
    }
  });
  const filter = await record(page, async () => {
    for (const letter of 'select c1') {
      await page.locator('#row-filter [name=query]').press(letter === ' ' ? 'Space' : letter);
      await page.waitForTimeout(60);
    }
  });
  await page.close();
  return { firstRowMs, hover, filter };
}

/** Times between frames while something is done. */
async function record(page, work) {
  await page.evaluate(() => {
    globalThis.frames_ = [];
    const note = (time) => {
      globalThis.frames_.push(time);
      globalThis.next_ = requestAnimationFrame(note);
    };
    globalThis.next_ = requestAnimationFrame(note);
  });
  await work();
  const times = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.next_);
    return globalThis.frames_;
  });
  return times.slice(1).map((time, i) => time - times[i]);
}

function describe(frames) {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { frames: frames.length, medianMs: at(0.5), p95Ms: at(0.95), mostMs: at(1) };
}

function makeRows(count) {
  let state = 12;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const words = ['select', 'count', 'from', 'where', 'group by', 'order by', 'join', 'limit'];
  const labels = Array.from({ length: count }, () => (draw() + draw()) / 2);
  return {
    labelName: 'similarity',
    labels,
    predictions: labels.map((label) => 0.15 + 0.7 * label + (draw() + draw() - 1) * 0.15),
    texts: labels.map(() =>
      Array.from({ length: 40 }, () => `${words[Math.floor(draw() * 8)]} c${Math.floor(draw() * 1e4)}`).join(
        ' ',
      ),
    ),
  };
}

function makeReport() {
  return {
    version: 2,
    tool: { name: 'hubwright', version: '0' },
    ok: true,
    rootDigest: '0'.repeat(64),
    files: [],
    environment: { onnxruntime: '-', executionProvider: '-' },
    inference: null,
    metrics: [],
    summary: { pass: 0, warn: 0, fail: 0, skip: 0 },
    checks: [],
    findings: [],
  };
}
