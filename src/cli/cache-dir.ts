import { join } from 'node:path';

/**
 * Where scores are kept between runs: the folder that `HUBWRIGHT_CACHE_DIR` names (empty: nowhere), or the platform's
 * own place for what may be deleted at any time.
 *
 * @param platform as `process.platform`
 */
export function findCacheDir(env: NodeJS.ProcessEnv, platform: string, home: string): string | undefined {
  if (env.HUBWRIGHT_CACHE_DIR === '') return undefined;
  const base = env.HUBWRIGHT_CACHE_DIR ?? join(findUserCache(env, platform, home), 'hubwright');
  return join(base, 'scores');
}

function findUserCache(env: NodeJS.ProcessEnv, platform: string, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local');
  return join(home, '.cache');
}
