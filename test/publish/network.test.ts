import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectHub } from '../../src/publish/hub-client.ts';
import { findProxyFetch } from '../../src/publish/proxy.ts';
import { look } from './look.ts';
import { REPO, setStage, TOKEN } from './stage.ts';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the token', () => {
  test('does not follow a redirect to another host', async () => {
    const seen: (string | undefined)[] = [];
    const storage = await listen(
      createServer((request, response) => {
        seen.push(request.headers.authorization);
        response.end('content');
      }),
    );
    const host = await listen(
      createServer((request, response) => {
        seen.push(request.headers.authorization);
        // Another name is another host, even on the same machine.
        const target = request.url?.includes('moved')
          ? `http://localhost:${storage.split(':')[1]}/there`
          : `http://${storage}/there`;
        response.writeHead(302, { Location: target }).end();
      }),
    );
    const hub = connectHub({ repo: REPO, hubUrl: `http://${host}`, accessToken: TOKEN });
    expect(await hub.readText('main', 'README.md')).toBe('content');
    expect(await hub.readText('main', 'moved')).toBe('content');
    expect(await new Response(await hub.openFile('main', 'weights')).text()).toBe('content');
    const bearer = `Bearer ${TOKEN}`;
    expect(seen).toEqual([bearer, undefined, bearer, undefined, bearer, undefined]);
  });

  test('is not shown to the storage that a Hub sends uploads to, nor to a listing elsewhere', async () => {
    const seen: string[] = [];
    const stage = await setStage();
    await stage.publish({}, async (url, init, send) => {
      const authorized = new Headers(init.headers).has('Authorization');
      if (url.pathname.startsWith('/lfs-storage/')) seen.push(`${init.method} ${authorized}`);
      const response = await send(url, init);
      if (!url.pathname.includes('/tree/')) return response;
      const headers = new Headers(response.headers);
      headers.set('Link', '<http://localhost:9/api/models/me/model/tree/main?cursor=x>; rel="next"');
      return new Response(await response.text(), { status: response.status, headers });
    });
    expect(seen).toEqual(['PUT false', 'PUT false']);
    expect(stage.requests.every((request) => !request.includes('cursor'))).toBe(true);
  });
});

describe('proxies', () => {
  /** A proxy that tunnels, as proxies for https do, and tells where to. */
  async function openProxy(): Promise<{ url: string; tunnels: string[] }> {
    const tunnels: string[] = [];
    const server = createServer();
    server.on('connect', (request, client, head) => {
      tunnels.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        target.write(head);
        target.pipe(client);
        client.pipe(target);
      });
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
    });
    return { url: `http://${await listen(server)}`, tunnels };
  }

  test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('%s carries a whole publish', async (name) => {
    const { url, tunnels } = await openProxy();
    const stage = await setStage();
    const throughProxy = await findProxyFetch({ [name]: url });
    await stage.publish({ fetch: throughProxy });
    expect((await look(stage, REPO)).complete).toBe(true);
    expect(new Set(tunnels)).toEqual(new Set([new URL(stage.hubUrl).host]));
    // Every request went through it.
    expect(stage.requests).toEqual([]);
  });

  test('NO_PROXY names hosts that are reached without', async () => {
    const { url, tunnels } = await openProxy();
    const stage = await setStage();
    await stage.publish({ fetch: await findProxyFetch({ HTTP_PROXY: url, NO_PROXY: '127.0.0.1' }) });
    expect([(await look(stage, REPO)).complete, tunnels]).toEqual([true, []]);
  });

  test('without variables Node is left to itself; a proxy that is not there is an error', async () => {
    expect(await findProxyFetch({ NO_PROXY: '*', HTTPS_PROXY: '' })).toBeUndefined();
    const stage = await setStage();
    const dead = await findProxyFetch({ http_proxy: 'http://user:secret@127.0.0.1:9' });
    const error = await stage.fail({ fetch: dead, patience: { tries: 1 } });
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).not.toContain('secret');
  });

  /** A proxy that answers every tunnel alike, and counts them. */
  async function openRefusingProxy(status: number): Promise<{ host: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer();
    server.on('connect', (request, client) => {
      asked.push(request.headers['proxy-authorization'] ?? 'nobody');
      client.end(
        `HTTP/1.1 ${status} No\r\nProxy-Authenticate: Basic realm="here"\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    return { host: await listen(server), asked };
  }

  const escapes = '@ is written %40, : %3A, / %2F and % %25';

  test('one that asks for a user and a password is asked once, and the answer is what to type', async () => {
    const { host, asked } = await openRefusingProxy(407);
    const stage = await setStage();
    const error = await stage.fail({ fetch: await findProxyFetch({ HTTP_PROXY: `http://${host}` }) });
    expect(error).toMatchObject({
      code: 'HUB_REFUSED',
      message: `the proxy ${host} asks for a user and a password: it answered 407`,
      hint: `set HTTP_PROXY=http://user:password@${host}; in the password, ${escapes}`,
    });
    expect(asked).toEqual(['nobody']);
    expect(stage.events.filter(({ kind }) => kind === 'note')).toEqual([]);
  });

  test('one that refuses the user and password names neither, and the variable that they are in', async () => {
    const { host, asked } = await openRefusingProxy(407);
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9', all_proxy: `http://somebody:se%40cret@${host}` };
    const stage = await setStage();
    const error = await stage.fail({ fetch: await findProxyFetch(env) });
    expect(error.message).toBe(
      `the proxy ${host} refuses the user and password in all_proxy: it answered 407`,
    );
    expect(asked).toEqual([`Basic ${Buffer.from('somebody:se@cret').toString('base64')}`]);
    expect(inspect(error, { depth: null })).not.toMatch(/somebody|cret/);
  });

  test('an https address goes by the proxy for https, and is told by its variable', async () => {
    const { host, asked } = await openRefusingProxy(407);
    const env = { HTTPS_PROXY: `http://${host}`, HTTP_PROXY: 'http://127.0.0.1:9' };
    const stage = await setStage();
    const error = await stage.fail({ hubUrl: 'https://hub.example', fetch: await findProxyFetch(env) });
    expect([error.hint, asked]).toEqual([expect.stringContaining('set HTTPS_PROXY='), ['nobody']]);
  });

  test('one that forbids the Hub is asked once', async () => {
    const { host, asked } = await openRefusingProxy(403);
    const stage = await setStage();
    const error = await stage.fail({ fetch: await findProxyFetch({ http_proxy: host }) });
    expect(error).toMatchObject({
      message: `the proxy ${host} in http_proxy does not let requests through to 127.0.0.1: it answered 403`,
      hint: 'ask whoever runs the proxy to allow 127.0.0.1, or add it to NO_PROXY where it is reached without one',
    });
    expect(asked).toHaveLength(1);
  });

  test('one that is busy is asked again', async () => {
    const { host, asked } = await openRefusingProxy(503);
    const stage = await setStage();
    const fetch = await findProxyFetch({ HTTP_PROXY: host });
    const error = await stage.fail({ fetch, patience: { tries: 3, firstWaitMs: 1 } });
    expect(error.code).toBe('HUB_UNREACHABLE');
    expect(error.message).toContain(`(the proxy ${host} answered 503)`);
    expect(asked).toHaveLength(3);
  });

  test('a password that is not written as in an address is told so, and not shown', async () => {
    const error = await findProxyFetch({ HTTPS_PROXY: 'http://user:secret100%@proxy.example:3128' }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      code: 'USAGE',
      message: 'HTTPS_PROXY is not the address of an http proxy',
      hint: expect.stringContaining(escapes),
    });
    expect(inspect(error, { depth: null })).not.toContain('secret');
  });
});
