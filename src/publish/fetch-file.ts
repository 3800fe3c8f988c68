import { buffer } from 'node:stream/consumers';
import { HubwrightError } from '../errors.ts';
import type { DownloadOptions } from './download.ts';
import { connectHub } from './hub-client.ts';
import { checkHubUrl } from './hub-url.ts';
import { checkRepo } from './names.ts';

/**
 * Fetches one small text of a model repository.
 *
 * @throws HubwrightError USAGE, HUB_REFUSED or HUB_UNREACHABLE, or INPUT_MISSING when the repository has no such file
 */
export async function fetchText(path: string, options: DownloadOptions): Promise<string> {
  const { repo, revision = 'main' } = options;
  checkRepo(repo);
  const hub = connectHub({ ...options, hubUrl: checkHubUrl(options.hubUrl) });
  const commit = await hub.resolveRevision(revision);
  const files = await hub.listTree(commit);
  if (!files.some((file) => file.path === path)) {
    throw new HubwrightError('INPUT_MISSING', `${repo} at ${revision} has no ${path}`, {
      hint: 'name a revision that was published with a report',
    });
  }
  return (await buffer(await hub.openFile(commit, path))).toString('utf8');
}
