import { expect, test } from 'vitest';
import { findCacheDir } from '../../src/cli/cache-dir.ts';

test.each([
  [{}, 'linux', '/home/me/.cache/hubwright/scores'],
  [{ XDG_CACHE_HOME: '/x' }, 'linux', '/x/hubwright/scores'],
  [{ XDG_CACHE_HOME: '' }, 'linux', '/home/me/.cache/hubwright/scores'],
  [{}, 'darwin', '/home/me/Library/Caches/hubwright/scores'],
  [{ LOCALAPPDATA: '/local' }, 'win32', '/local/hubwright/scores'],
  [{ HUBWRIGHT_CACHE_DIR: '/mine' }, 'linux', '/mine/scores'],
  [{ HUBWRIGHT_CACHE_DIR: '' }, 'linux', undefined],
])('with %j on %s scores are kept in %s', (env, platform, expected) => {
  expect(findCacheDir(env, platform, '/home/me')).toBe(expected);
});
