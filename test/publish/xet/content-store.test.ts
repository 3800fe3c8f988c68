import { describe, expect, it } from 'vitest';
import { connectHub } from '../../../src/publish/hub-client.ts';
import { findGrant, openContentStore } from '../../../src/publish/xet/content-store.ts';

const offer = (header: Record<string, string>) => ({
  oid: '0'.repeat(64),
  actions: { upload: { href: 'https://hub.example/renew', header } },
});

describe('a grant for the content store', () => {
  it('is found in an offer, whatever the case of its headers', () => {
    const header = { 'x-xet-cas-url': 'https://cas', 'X-XET-Access-Token': 'secret' };
    expect(findGrant(offer(header))).toEqual({
      url: 'https://cas',
      token: 'secret',
      expires: Number.NaN,
      renewAt: 'https://hub.example/renew',
    });
  });

  it('is none where the Hub has the file, or offers LFS', () => {
    expect(findGrant({ oid: '0'.repeat(64) })).toBeUndefined();
    expect(findGrant(offer({ chunk_size: '5', '00001': 'https://storage' }))).toBeUndefined();
    expect(findGrant(offer({ 'X-Xet-Cas-Url': 'https://cas' }))).toBeUndefined();
  });

  it.each([
    ['https://hub.example', 'http://cas.example', false],
    ['https://hub.example', 'https://cas.example', true],
    ['http://localhost:8080', 'http://localhost:8080/cas', true],
    ['http://localhost:8080', 'ftp://localhost', false],
    ['https://hub.example', '/cas', false],
  ])('of the Hub at %s is used for %s: %s', (hubUrl, url, allowed) => {
    const hub = connectHub({ repo: 'me/model', hubUrl });
    const open = () => openContentStore(hub, { url, token: 't', expires: 0, renewAt: hubUrl }, 1_000);
    if (allowed) expect(open).not.toThrow();
    else expect(open).toThrow(expect.objectContaining({ code: 'HUB_UNREACHABLE' }));
  });
});
