import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubwrightError } from '../../src/errors.ts';
import { type Environment, findToken } from '../../src/publish/token.ts';

/** A disk that holds these files and no other. */
const disk =
  (files: Record<string, string>) =>
  async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  };

const HOME = '/home/me';
const files = {
  '/home/me/.cache/huggingface/token': 'hf_default\n',
  '/cache/huggingface/token': 'hf_xdg\n',
  '/hf/token': 'hf_home\n',
  '/home/me/hf/token': 'hf_tilde\n',
  '/run/secret': '  hf_path\r\n',
};

// Each row sets everything that the rows below it set, and one thing more.
const ORDER: [source: string, token: string, env: Environment][] = [
  ['HF_TOKEN', 'hf_one', { HF_TOKEN: ' hf_one\n' }],
  ['HUGGING_FACE_HUB_TOKEN', 'hf_two', { HUGGING_FACE_HUB_TOKEN: 'hf_two' }],
  ['/run/secret', 'hf_path', { HF_TOKEN_PATH: '/run/secret' }],
  ['/hf/token', 'hf_home', { HF_HOME: '/hf' }],
  ['/cache/huggingface/token', 'hf_xdg', { XDG_CACHE_HOME: '/cache' }],
  ['/home/me/.cache/huggingface/token', 'hf_default', { HOME }],
];

async function failure(env: Environment, readText = disk({})): Promise<HubwrightError> {
  const error = await findToken(env, readText).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(HubwrightError);
  return error as HubwrightError;
}

describe('findToken', () => {
  test.each(ORDER.map((row, i) => [...row, i] as const))(
    '%s wins over all after it',
    async (source, token, _, i) => {
      const env = Object.assign({}, ...ORDER.slice(i).map(([, , one]) => one));
      expect(await findToken(env, disk(files))).toEqual({ token, source });
    },
  );

  test('empty variables count as absent', async () => {
    const env = {
      HF_TOKEN: '',
      HUGGING_FACE_HUB_TOKEN: ' ',
      HF_TOKEN_PATH: '',
      HF_HOME: '',
      XDG_CACHE_HOME: '',
      HOME,
    };
    expect((await findToken(env, disk(files))).token).toBe('hf_default');
  });

  test('~ in a path is the home folder', async () => {
    expect((await findToken({ HF_HOME: '~/hf', HOME }, disk(files))).token).toBe('hf_tilde');
  });

  test('HF_TOKEN_PATH is the only file looked at when it is set', async () => {
    const error = await failure({ HF_TOKEN_PATH: '/nowhere', HOME }, disk(files));
    expect(error.code).toBe('INPUT_MISSING');
    expect(error.message).toContain('/nowhere');
  });

  test('nothing set: says where it looked and how to get one', async () => {
    const error = await failure({ HOME });
    expect(error.code).toBe('INPUT_MISSING');
    expect(error.message).toContain('/home/me/.cache/huggingface/token');
    expect(error.hint).toContain('HF_TOKEN');
    expect((await failure({})).code).toBe('INPUT_MISSING');
  });

  test('a file that cannot be read is not passed over', async () => {
    const denied = async (): Promise<string> => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' });
    };
    expect((await failure({ HF_HOME: '/hf' }, denied)).message).toContain('/hf/token cannot be read');
  });

  test('what is no Hub token is refused by the name of its source, never its value', async () => {
    const secret = fc
      .string({ minLength: 8 })
      .filter((s) => s.trim().length >= 8 && !/^hf_[\x21-\x7e]+$/.test(s.trim()));
    await fc.assert(
      fc.asyncProperty(secret, async (token) => {
        const error = await failure({ HF_TOKEN: token });
        expect(error.code).toBe('INPUT_INVALID');
        expect(error.message).toBe('the token from HF_TOKEN is not a Hub token: it must begin with hf_');
        expect(error.hint).not.toContain(token.trim());
      }),
    );
  });
});
