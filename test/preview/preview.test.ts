import { symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeLock } from '../../src/bundle.ts';
import { renderCard } from '../../src/card/index.ts';
import { startPreview } from '../../src/preview/index.ts';
import { writeReport } from '../../src/verification.ts';
import { writeSmallBundle } from '../card/small-bundle.ts';
import { catchError } from '../fixtures/caught.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { makeReport } from '../report/html/sample-report.ts';

async function openPreview(changes: Parameters<typeof writeSmallBundle>[0] = {}) {
  const dir = writeSmallBundle(changes);
  await writeLock(dir);
  const preview = await startPreview(dir, { port: 0 });
  onTestFinished(() => preview.close());
  return { dir, url: preview.url };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request as it stands: `fetch` would tidy the path and the host up. */
function ask(url: string, path: string, options: { host?: string; method?: string } = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const { port } = new URL(url);
    const headers = options.host === undefined ? {} : { host: options.host };
    const sent = request(
      { host: '127.0.0.1', port, path, method: options.method ?? 'GET', headers },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', fail);
    sent.end();
  });
}

describe('startPreview', () => {
  it('shows the card with tags, widget, results, files and metadata', async () => {
    const { url } = await openPreview();
    const { status, text, headers } = await ask(url, '/');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
    for (const part of [
      '<h2 id="user-content-results">Results</h2>',
      '<li class="tag of-license"><span class="prefix">License:</span> apache-2.0</li>',
      'Text Classification',
      'Evaluation results',
      'Model tree',
      'model.safetensors',
      'pipeline_tag: text-classification',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/<img[^>]* src="(?!\/bundle\/)/);
  });

  it('says when README.md is another card, and when it is this one', async () => {
    const { dir, url } = await openPreview();
    expect((await ask(url, '/')).text).toContain('There is no README.md yet.');
    writeFileSync(join(dir, 'README.md'), 'old');
    expect((await ask(url, '/')).text).toContain('README.md is not this card yet.');
    writeFileSync(join(dir, 'README.md'), (await renderCard(dir)).text);
    expect((await ask(url, '/')).text).not.toContain('class="notice');
  });

  it('shows the card that is there, and the reason, while the config is broken', async () => {
    const { dir, url } = await openPreview({ files: { 'README.md': '# As it was\n' } });
    writeFileSync(join(dir, 'hubwright.json'), '{"input": ');
    const { status, text } = await ask(url, '/');
    expect(status).toBe(200);
    expect(text).toContain('The card cannot be made anew: hubwright.json');
    expect(text).toContain('As it was</h1>');
  });

  it('shows the report, or how to make one', async () => {
    const { dir, url } = await openPreview();
    expect((await ask(url, '/report')).text).toContain(`hubwright verify ${dir}`);
    await writeReport(dir, makeReport());
    const { text } = await ask(url, '/report');
    expect(text).toContain('<p id="verdict" class="word">Not verified</p>');
    expect(text).toContain('id="row-data"');
    expect(text).toContain('<a href="/report" aria-current="page">');
    writeFileSync(join(dir, 'verification.json'), '{}');
    expect((await ask(url, '/report')).text).toContain('verification.json is not a report');
  });

  it('serves the files of the bundle, and lists them', async () => {
    const { url } = await openPreview({ files: { 'a b/ü.txt': 'inside' } });
    const file = await ask(url, '/bundle/a%20b/%C3%BC.txt');
    expect(file).toMatchObject({ status: 200, text: 'inside' });
    expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(file.headers['x-content-type-options']).toBe('nosniff');
    expect((await ask(url, '/bundle/model.onnx')).headers['content-disposition']).toBe('attachment');
    const svg = await ask(url, '/bundle/modernbert_reward_model_residuals.svg');
    expect(svg.headers['content-security-policy']).toContain('sandbox');
    expect((await ask(url, '/files')).text).toContain('<a href="/bundle/a%20b/%C3%BC.txt">a b/ü.txt</a>');
  });

  it.each([
    '/bundle/../NEXT/secret.txt',
    '/bundle/..%2fNEXT%2fsecret.txt',
    '/bundle/%2e%2e/NEXT/secret.txt',
    '/bundle/a/../../NEXT/secret.txt',
    '/bundle//NEXT/secret.txt',
    '/bundle/..\\NEXT\\secret.txt',
    '/bundle/hubwright.lock.json/../../NEXT/secret.txt',
    '/bundle/',
    '/bundle',
    '/../NEXT/secret.txt',
    '/constructor',
    '/__proto__',
  ])('answers %s with 404', async (path) => {
    const { url } = await openPreview();
    const next = makeTempDir();
    writeFileSync(join(next, 'secret.txt'), 'top secret');
    const { status, text } = await ask(url, path.replace('NEXT', basename(next)));
    expect(status).toBe(404);
    expect(text).not.toContain('top secret');
  });

  it('serves no link, wherever it leads', async () => {
    const { dir, url } = await openPreview();
    const outside = makeTempDir();
    writeFileSync(join(outside, 'secret.txt'), 'top secret');
    symlinkSync(outside, join(dir, 'link'));
    for (const path of ['/bundle/link/secret.txt', '/bundle/link', '/files', '/']) {
      expect((await ask(url, path)).text).not.toContain('top secret');
    }
  });

  it.each([
    ['evil.example', 421],
    ['evil.example:8789', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example', 421],
    ['localhost', 200],
    ['localhost:1234', 200],
    ['LOCALHOST', 200],
    ['[::1]:8789', 200],
  ])('answers the host %s with %i', async (host, status) => {
    const { url } = await openPreview();
    expect((await ask(url, '/files', { host })).status).toBe(status);
  });

  it('is only read', async () => {
    const { url } = await openPreview();
    expect((await ask(url, '/', { method: 'POST' })).status).toBe(405);
    expect((await ask(url, '/%', {})).status).toBe(400);
    expect(await ask(url, '/bundle/hubwright.json', { method: 'HEAD' })).toMatchObject({
      status: 200,
      text: '',
    });
  });

  it('tells pages about changes of card, config and pictures', async () => {
    const { dir, url } = await openPreview();
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const response = await fetch(`${url}events`, { signal: controller.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    const waitForChanges = async (count: number) => {
      while (seen.split('event: change').length - 1 < count) seen += (await reader.read()).value ?? '';
    };
    for (const [i, file] of ['README.md', 'hubwright.json', 'verification.json'].entries()) {
      writeFileSync(join(dir, file), '{}');
      await waitForChanges(i + 1);
    }
    expect(seen.split('event: change').length - 1).toBe(3);
  });

  it('refuses a folder that is no bundle, and a port that is taken', async () => {
    const { dir, url } = await openPreview();
    const error = await catchError(() => startPreview(makeTempDir(), { port: 0 }));
    expect(error.code).toBe('INPUT_MISSING');
    const taken = await catchError(() => startPreview(dir, { port: Number(new URL(url).port) }));
    expect(taken.code).toBe('USAGE');
    expect(taken.hint).toContain('--port');
  });
});
