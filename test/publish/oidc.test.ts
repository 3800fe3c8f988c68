import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { obtainToken } from '../../src/publish/oidc.ts';

const IDENTITY = 'eyJidentityThatMustNeverBeSeen';
const signedBy = (claims: object) =>
  `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${IDENTITY}`;
const REQUEST_TOKEN = 'requestThatMustNeverBeSeen';
const EXCHANGED = 'hf_jwt_exchangedThatMustNeverBeSeen';

interface Asked {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A Hub and a GitHub in one, that answers as told. */
async function serve(answer: (url: string) => [status: number, body: unknown]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization, body });
    const [status, content] = answer(request.url ?? '');
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const works = (url: string): [number, unknown] =>
  url.startsWith('/oauth/token')
    ? [200, { access_token: EXCHANGED, token_type: 'bearer', expires_in: 3600 }]
    : [200, { value: IDENTITY }];

describe('trusted publishing', () => {
  test('comes before every stored token, and exchanges the identity of a GitHub job', async () => {
    const { asked, url } = await serve(works);
    const env = {
      HF_OIDC_RESOURCE: 'me/model',
      HF_TOKEN: 'hf_stored',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/id?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    };
    expect(await obtainToken(env, { hubUrl: url })).toEqual({
      token: EXCHANGED,
      source: 'trusted publishing for me/model',
    });
    expect(asked[0]).toMatchObject({
      url: `/id?api-version=2&audience=${encodeURIComponent(url)}`,
      authorization: `Bearer ${REQUEST_TOKEN}`,
    });
    expect(asked[1]?.authorization).toBeUndefined();
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: IDENTITY,
      resource: 'me/model',
    });
  });

  test('takes an identity that another CI minted', async () => {
    const { asked, url } = await serve(works);
    const env = { HF_OIDC_RESOURCE: 'me/model', HF_OIDC_ID_TOKEN: ` ${IDENTITY}\n` };
    expect((await obtainToken(env, { hubUrl: url })).token).toBe(EXCHANGED);
    expect(asked.map((one) => one.url)).toEqual(['/oauth/token']);
  });

  test('does not fall back to a stored token, and shows nothing secret', async () => {
    const { url } = await serve(() => [400, { error: 'invalid_grant', error_description: `no ${IDENTITY}` }]);
    const env = { HF_OIDC_RESOURCE: 'me/model', HF_OIDC_ID_TOKEN: IDENTITY, HF_TOKEN: 'hf_stored' };
    const error = await obtainToken(env, { hubUrl: url }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'HUB_REFUSED',
      message:
        'could not get a token for me/model by trusted publishing: the Hub answered 400: invalid_grant: no …',
    });
    expect(inspect(error, { depth: null })).not.toMatch(/MustNeverBeSeen/);
  });

  test.each<[what: string, env: Record<string, string>, code: string]>([
    ['a job without an identity', {}, 'INPUT_MISSING'],
    [
      'a provider that is not there',
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN },
      'HUB_UNREACHABLE',
    ],
  ])('%s', async (_, env, code) => {
    const options = { hubUrl: 'http://127.0.0.1:9', patience: { tries: 1 } };
    const error = await obtainToken({ HF_OIDC_RESOURCE: 'me/model', ...env }, options).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code });
    expect(inspect(error, { depth: null })).not.toMatch(/MustNeverBeSeen/);
  });

  test.each([
    [400, { error: 'invalid_grant', error_description: 'No matching publisher' }],
    [401, { error: 'Invalid username or password.' }],
    [403, { error: 'Forbidden' }],
  ])('a %d says where to make the job a trusted publisher, and what the job showed', async (status, body) => {
    const { url, asked } = await serve(() => [status, body]);
    const identity = signedBy({
      iss: 'https://token.actions.githubusercontent.com',
      aud: url,
      repository: 'acme/train',
      ref: 'refs/heads/main',
      workflow_ref: 'acme/train/.github/workflows/publish.yml@refs/heads/main',
      actor: 'somebody',
    });
    const env = { HF_OIDC_RESOURCE: 'me/model', HF_OIDC_ID_TOKEN: identity };
    const error = await obtainToken(env, { hubUrl: url }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'HUB_REFUSED',
      message: expect.stringMatching(
        new RegExp(
          `the Hub answered ${status}: .*; the job showed repository = acme/train, ` +
            'workflow_ref = acme/train/.github/workflows/publish.yml@refs/heads/main, ' +
            'ref = refs/heads/main, iss = https://token.actions.githubusercontent.com$',
        ),
      ),
      hint: `this job is no trusted publisher of me/model: add it under Trusted Publishers on ${url}/me/model/settings; every claim there must match exactly`,
    });
    expect(asked).toHaveLength(1);
    expect(inspect(error, { depth: null })).not.toMatch(/MustNeverBeSeen|Access Tokens|somebody/);
  });

  test.each<[what: string, identity: string, resource: string, hint: RegExp]>([
    [
      'a token for someone else',
      signedBy({ aud: ['api://x'] }),
      'me/model',
      /audience http.*, not api:\/\/x$/,
    ],
    ['a token that is none', 'opaque', 'me/model', /^this job is no trusted publisher of me\/model/],
    ["a user's resource", 'opaque', 'me', /CI\/CD Access on http.*\/settings\/authentication/],
  ])('an exchange with %s is told apart', async (_, identity, resource, hint) => {
    const { url } = await serve(() => [400, { error: 'invalid_grant' }]);
    const env = { HF_OIDC_RESOURCE: resource, HF_OIDC_ID_TOKEN: identity };
    const error = await obtainToken(env, { hubUrl: url }).catch((e: unknown) => e);
    expect(error).toMatchObject({ hint: expect.stringMatching(hint) });
  });

  test('a request that the Hub does not understand is no question of trust', async () => {
    const { url } = await serve(() => [400, { error: 'invalid_request', error_description: 'bad resource' }]);
    const env = { HF_OIDC_RESOURCE: 'me/model', HF_OIDC_ID_TOKEN: IDENTITY };
    const error = await obtainToken(env, { hubUrl: url }).catch((e: unknown) => e);
    expect(error).toMatchObject({ hint: expect.stringContaining("what the Hub's words name") });
  });

  test('where GitHub refuses, GitHub is named and the permission that is missing', async () => {
    const { url } = await serve(() => [401, { message: 'Bad credentials' }]);
    const env = {
      HF_OIDC_RESOURCE: 'me/model',
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/id`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    };
    const error = await obtainToken(env, { hubUrl: url }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      message: 'could not ask GitHub for the identity of this job: GitHub answered 401: Bad credentials',
      hint: 'set permissions: id-token: write for this job, and run it again',
    });
  });

  test('says what a proxy says that does not let it through', async () => {
    const proxied = async () => {
      throw new HubwrightError('HUB_REFUSED', 'the proxy asks for a password');
    };
    const env = { HF_OIDC_RESOURCE: 'me/model', HF_OIDC_ID_TOKEN: IDENTITY };
    const obtained = obtainToken(env, { hubUrl: 'http://127.0.0.1:9', fetch: proxied });
    await expect(obtained).rejects.toThrow('the proxy asks for a password');
  });

  test('is not asked for without HF_OIDC_RESOURCE', async () => {
    const env = { HF_TOKEN: 'hf_stored', HF_OIDC_ID_TOKEN: IDENTITY };
    expect(await obtainToken(env, { hubUrl: 'http://127.0.0.1:9' })).toEqual({
      token: 'hf_stored',
      source: 'HF_TOKEN',
    });
  });
});
