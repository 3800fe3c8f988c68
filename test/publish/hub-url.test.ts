import { describe, expect, test } from 'vitest';
import { checkHubUrl, findHubUrl } from '../../src/publish/hub-url.ts';

describe('findHubUrl', () => {
  test.each([
    [{}, 'https://huggingface.co'],
    [{ HF_ENDPOINT: '' }, 'https://huggingface.co'],
    [{ HF_ENDPOINT: 'https://hub.example/' }, 'https://hub.example'],
    [{ HF_ENDPOINT: 'http://127.0.0.1:8123//' }, 'http://127.0.0.1:8123'],
    [{ HF_ENDPOINT: 'https://example.com/hub/' }, 'https://example.com/hub'],
    [{ HF_HUB_OFFLINE: '0', TRANSFORMERS_OFFLINE: 'no' }, 'https://huggingface.co'],
  ])('%j', (env, url) => {
    expect(findHubUrl(env)).toBe(url);
  });

  test.each(['1', 'on', 'YES', 'True'])('HF_HUB_OFFLINE=%s forbids it', (value) => {
    expect(() => findHubUrl({ HF_HUB_OFFLINE: value })).toThrow(/HF_HUB_OFFLINE is set/);
    expect(() => findHubUrl({ TRANSFORMERS_OFFLINE: value })).toThrow(/TRANSFORMERS_OFFLINE is set/);
  });
});

describe('checkHubUrl', () => {
  test.each(['huggingface.co', 'ftp://hub.example', 'file:///etc/passwd', ''])('refuses %j', (url) => {
    expect(() => checkHubUrl(url)).toThrow(/not an http or https URL/);
  });

  test('refuses a password without repeating it', () => {
    const url = 'https://me:s3cret@hub.example';
    expect(() => checkHubUrl(url)).toThrow('the address of hub.example holds a password');
  });
});
