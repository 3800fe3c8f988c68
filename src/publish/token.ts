import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubwrightError } from '../errors.ts';

/** Environment variables, handed in: only the command line reads the process's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface FoundToken {
  readonly token: string;
  /** Where it came from, for people to read. Never holds the value. */
  readonly source: string;
}

/** No token at all, one that somebody made, or one that trusted publishing gave. */
export type TokenKind = 'none' | 'made' | 'exchanged';

/** How a token was come by, which decides what to advise where the Hub refuses it. */
export function findTokenKind(token: string | undefined): TokenKind {
  if (token === undefined) return 'none';
  return token.startsWith('hf_jwt_') ? 'exchanged' : 'made';
}

/** Visible ASCII only: anything else cannot travel in a header, and `fetch` would quote it in its error. */
const TOKEN = /^hf_[\x21-\x7e]+$/;

/**
 * Finds the Hub token where huggingface_hub does, in its order: `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, then the one
 * token file: `HF_TOKEN_PATH`, or `token` in `HF_HOME`, which is `huggingface` in the user's cache folder by default.
 *
 * @throws HubwrightError INPUT_MISSING when there is none, INPUT_INVALID when it cannot be a token.
 */
export async function findToken(
  env: Environment,
  readText: (path: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<FoundToken> {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const token = env[name]?.trim();
    if (token) return { token: checkToken(token, name), source: name };
  }
  const path = tokenPath(env);
  const token = path === undefined ? '' : (await readIfThere(path, readText)).trim();
  if (path !== undefined && token !== '') return { token: checkToken(token, path), source: path };
  throw new HubwrightError('INPUT_MISSING', `no Hub token in HF_TOKEN${path ? ` or ${path}` : ''}`, {
    hint: 'make a token with write access under Settings → Access Tokens and set HF_TOKEN, or run hf auth login',
  });
}

/** Refuses what is no Hub token. The error names `source` and never the value. @throws HubwrightError INPUT_INVALID */
export function checkToken(token: string, source: string): string {
  if (TOKEN.test(token)) return token;
  throw new HubwrightError(
    'INPUT_INVALID',
    `the token from ${source} is not a Hub token: it must begin with hf_`,
    {
      hint: 'copy it again from Settings → Access Tokens',
    },
  );
}

function tokenPath(env: Environment): string | undefined {
  const home = env.HOME ?? env.USERPROFILE;
  const expand = (path: string): string =>
    home !== undefined && /^~(?=$|[\\/])/.test(path) ? join(home, path.slice(1)) : path;
  if (env.HF_TOKEN_PATH) return expand(env.HF_TOKEN_PATH);
  if (env.HF_HOME) return join(expand(env.HF_HOME), 'token');
  const cache = env.XDG_CACHE_HOME || (home === undefined ? undefined : join(home, '.cache'));
  return cache === undefined ? undefined : join(expand(cache), 'huggingface', 'token');
}

async function readIfThere(path: string, readText: (path: string) => Promise<string>): Promise<string> {
  return readText(path).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new HubwrightError('INPUT_MISSING', `the token file ${path} cannot be read`, { cause });
  });
}
