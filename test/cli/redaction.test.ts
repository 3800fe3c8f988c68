import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/index.ts';
import { makePlainBundle } from './plain-bundle.ts';
import { runCli } from './run-cli.ts';

const TOKEN = 'hf_writesThatMustNeverBeSeen';
/** Half of it would be too much. */
const SECRETS: readonly string[] = ['hf_writes', 'MustNeverBeSeen'];
const RUN = join(import.meta.dirname, '../../artifacts/sample-run');

let folder: string;
let cwd: string;
let hub: Hub;
let front: Server;
let frontUrl: string;
/** Requests that the Hub in front answers itself, and how; all others it passes on. */
let answerItself: { path: RegExp; answer: (request: IncomingMessage, response: ServerResponse) => void };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubwright-redaction-'));
  hub = await startHub({
    dataDir: join(folder, 'hub'),
    tokens: [{ token: TOKEN, user: 'me', role: 'write' }],
  });
  front = createServer((incoming, response) => {
    if (answerItself.path.test(incoming.url ?? '')) return answerItself.answer(incoming, response);
    const { method, headers } = incoming;
    const onward = request(hub.url + incoming.url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  frontUrl = await listen(front);
});
afterAll(async () => {
  front.close();
  front.closeAllConnections();
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  cwd = mkdtempSync(join(folder, 'run-'));
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Publishes with --debug, and looks for secrets in all that was said and written. */
async function run(args: readonly string[], env: Record<string, string>, secrets = SECRETS) {
  mkdirSync(join(cwd, 'cache'));
  const outcome = await runCli(['publish', '--debug', '--yes', ...args], {
    cwd,
    env: {
      HF_ENDPOINT: frontUrl,
      HF_TOKEN: TOKEN,
      HUBWRIGHT_CACHE_DIR: join(cwd, 'cache'),
      GITHUB_OUTPUT: join(cwd, 'outputs'),
      GITHUB_STEP_SUMMARY: join(cwd, 'summary'),
      ...env,
    },
  });
  const written = readdirSync(cwd, { recursive: true, encoding: 'utf8' })
    .map((name) => join(cwd, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')] as const);
  for (const [where, text] of [['stdout', outcome.stdout], ['stderr', outcome.stderr], ...written] as const) {
    for (const secret of secrets)
      expect(text.includes(secret), `${secret} in ${where}:\n${text}`).toBe(false);
  }
  return { ...outcome, files: written.map(([path]) => path.slice(cwd.length + 1)) };
}

async function publishPlain(env: Record<string, string> = {}, secrets?: readonly string[]) {
  await makePlainBundle(join(cwd, 'bundle'), 'me/model');
  return run(['bundle', '--repo', 'me/model', '--no-verify'], env, secrets);
}

const said = ({ headers }: IncomingMessage) => headers.authorization ?? headers['proxy-authorization'] ?? '';

describe('with --debug the token is seen nowhere', () => {
  test.each([
    [400, /api\/whoami/],
    [403, /auth-check/],
    [400, /validate-yaml/],
    [403, /api\/repos\/create/],
    [400, /preupload/],
    [403, /objects\/batch/],
    [400, /\/commit\//],
  ])('when the Hub quotes it in a %d of %s', async (status, path) => {
    answerItself = {
      path,
      answer: (incoming, response) => {
        response.writeHead(status, { 'X-Request-Id': said(incoming).slice(7) });
        response.end(JSON.stringify({ error: `${'x'.repeat(470)} bad header ${said(incoming)}` }));
      },
    };
    const { code, stderr } = await publishPlain();
    expect(code).toBe(3);
    expect(stderr).toContain(`the Hub answered ${status}`);
    expect(stderr).toMatch(/hf_…/);
    // --debug was heard.
    expect(stderr).toContain('HUB_REFUSED HubwrightError');
  });

  test('when the Hub answers nonsense that quotes it', async () => {
    answerItself = { path: /whoami/, answer: (incoming, response) => response.end(`{ ${said(incoming)}`) };
    const { code, stderr } = await publishPlain();
    expect([code, stderr]).toEqual([3, expect.stringContaining('no usable answer')]);
  });

  test('when the report, the outputs and the summary are written and the Hub refuses then', async () => {
    answerItself = {
      path: /preupload/,
      answer: (incoming, response) => {
        response.writeHead(403, { 'X-Error-Message': said(incoming) });
        response.end();
      },
    };
    const reports = ['--report', 'json=report.json', '--report', 'html=report.html'];
    const { code, files } = await run([RUN, '--repo', 'me/sample', '--out', 'bundle', ...reports], {});
    expect(code).toBe(3);
    // What was verified stands, whatever the Hub says.
    expect(files).toEqual(expect.arrayContaining(['report.json', 'report.html', 'bundle/verification.json']));
  });

  test.each([
    ['cut in two by a line break', 'hf_firstHalf\nThatMustNeverBeSeen'],
    ['of another kind', 'sk_ThatMustNeverBeSeen'],
  ])('when it is %s', async (_, token) => {
    answerItself = { path: /^$/, answer: () => {} };
    const { code } = await publishPlain({ HF_TOKEN: token }, ['MustNeverBeSeen', 'firstHalf']);
    expect(code).toBe(2);
  });
});

describe('with --debug a password in an address is seen nowhere', () => {
  const PASSWORD = 'wordThatMustNeverBeSeen';
  const ENCODED = Buffer.from(`user:${PASSWORD}`).toString('base64');
  const PASSWORDS = [...SECRETS, PASSWORD, ENCODED, ENCODED.slice(0, -4)];

  test('of a proxy that refuses and quotes what it was sent', async () => {
    const proxy = createServer();
    proxy.on('connect', (incoming, client) => {
      const body = `you said ${said(incoming)} for http://user:${PASSWORD}@here`;
      client.end(`HTTP/1.1 407 ${body}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    const address = (await listen(proxy)).replace('//', `//user:${PASSWORD}@`);
    const { code, stderr } = await publishPlain({ HTTP_PROXY: address }, PASSWORDS);
    proxy.close();
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining('refuses the user and password in HTTP_PROXY'),
    ]);
  });

  test('of a proxy whose address is none', async () => {
    const { code, stderr } = await publishPlain(
      { HTTPS_PROXY: `http://user:${PASSWORD}@here:99999` },
      PASSWORDS,
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('HTTPS_PROXY is not the address')]);
  });

  test('of the Hub', async () => {
    const { code, stderr } = await publishPlain(
      { HF_ENDPOINT: `http://user:${PASSWORD}@127.0.0.1:9` },
      PASSWORDS,
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('holds a password')]);
  });
});

test('a token in a file is named by the file', async () => {
  answerItself = { path: /^$/, answer: () => {} };
  const file = join(folder, 'token-of-mine');
  writeFileSync(file, `${TOKEN}\n`);
  const { code, stderr } = await publishPlain({ HF_TOKEN: '', HF_TOKEN_PATH: file });
  expect([code, stderr]).toEqual([0, expect.stringContaining(`token from ${file}`)]);
});
