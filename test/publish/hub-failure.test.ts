import { describe, expect, test } from 'vitest';
import { describeRefusal, describeSilence, readRefusal, wordsOf } from '../../src/publish/hub-failure.ts';
import { findTokenKind, type TokenKind } from '../../src/publish/token.ts';

describe('wordsOf', () => {
  test.each([
    [{ error: 'Invalid username or password.' }, 'Invalid username or password.'],
    [{ error: ['one', 'two'] }, 'one; two'],
    [
      { errors: [{ message: '"license" must be one of' }, { message: 'and more' }] },
      '"license" must be one of; and more',
    ],
    [{ error: 'invalid_grant', error_description: 'expired' }, 'invalid_grant: expired'],
    [{ message: 'plain' }, 'plain'],
    ['<html>\n  502   Bad Gateway\u001b[2J</html>', '<html> 502 Bad Gateway [2J</html>'],
    [{ error: { nested: true } }, ''],
    [null, ''],
    [12, ''],
  ])('%j', (body, words) => {
    expect(wordsOf(body)).toBe(words);
  });

  test('a page of text is cut', () => {
    expect(wordsOf('x'.repeat(10_000))).toHaveLength(501);
  });
});

describe('describeRefusal', () => {
  test.each([
    [400, 'HUB_REFUSED'],
    [401, 'HUB_REFUSED'],
    [403, 'HUB_REFUSED'],
    [404, 'HUB_REFUSED'],
    [413, 'HUB_REFUSED'],
    [409, 'HUB_CONFLICT'],
    [412, 'HUB_CONFLICT'],
    [408, 'HUB_UNREACHABLE'],
    [429, 'HUB_UNREACHABLE'],
    [500, 'HUB_UNREACHABLE'],
    [504, 'HUB_UNREACHABLE'],
  ])('%d is %s', (status, code) => {
    const error = describeRefusal('commit to me/model', { status, words: 'No.', requestId: 'r-1' });
    expect(error.code).toBe(code);
    expect(error.message).toBe(`could not commit to me/model: the Hub answered ${status}: No. (request r-1)`);
    expect(error.hint).not.toBe('');
  });

  test('a 401 blames a token only where there was one', () => {
    const hint = (kind: TokenKind, status = 401) =>
      describeRefusal('read', { status, words: '', requestId: undefined }, kind).hint;
    expect(hint('made')).toBe(
      'the token is wrong or has expired: make one under Settings → Access Tokens and set HF_TOKEN',
    );
    expect(hint('none')).toBe(
      'no usable token was found: set HF_TOKEN, or run hf auth login; if the model is public, check its name',
    );
    expect(hint('none', 404)).toBe(hint('made', 404));
  });

  test('nobody is told to make a token where trusted publishing gave one', () => {
    const refuse = (status: number) =>
      describeRefusal('read', { status, words: '', requestId: undefined }, findTokenKind('hf_jwt_x')).hint;
    expect(refuse(401)).toBe('the token of trusted publishing is valid for an hour: run the job again');
    expect(refuse(403)).toContain('the repository in HF_OIDC_RESOURCE alone');
    expect(refuse(413)).not.toContain('trusted');
  });
});

test('readRefusal prefers the header, which the Hub fills also where it has no body', () => {
  const headers = new Headers({ 'X-Error-Message': 'Repository not found', 'X-Request-Id': 'r-2' });
  expect(readRefusal({ status: 404, headers }, '{"error":"other"}')).toEqual({
    status: 404,
    words: 'Repository not found',
    requestId: 'r-2',
  });
  expect(readRefusal({ status: 404, headers: new Headers() }, '{"error":"other"}').words).toBe('other');
});

test('readRefusal takes secrets out before it cuts: half of one would not be found any more', () => {
  const secret = 'hf_secret';
  const redact = (words: string) => words.replaceAll(secret, '…');
  for (let before = 480; before < 500; before += 1) {
    const text = JSON.stringify({ error: `${'x'.repeat(before)}${secret}` });
    expect(readRefusal({ status: 400, headers: new Headers() }, text, redact).words).not.toContain('h');
  }
});

test('describeSilence knows a cause whose code is a number', () => {
  const cause = new DOMException('Proxy response (407) !== 200 when HTTP Tunneling', 'AbortError');
  const error = describeSilence('read', 'hub.example', new TypeError('fetch failed', { cause }));
  expect(error.message).toContain('(Proxy response (407) !== 200 when HTTP Tunneling)');
});

test('describeSilence names the reason that fetch hides in its cause', () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const error = describeSilence('read', 'hub.example', new TypeError('fetch failed', { cause }));
  expect(error).toMatchObject({
    code: 'HUB_UNREACHABLE',
    message: 'could not read: no usable answer from hub.example (ECONNREFUSED)',
  });
});
