import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
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
});
