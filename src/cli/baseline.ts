import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listBundleFiles, REPORT_FILE } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { readLimitedText } from '../formats/limited-file.ts';
import { fetchText } from '../publish/fetch-file.ts';
import { findHubUrl } from '../publish/hub-url.ts';
import { findToken } from '../publish/token.ts';
import { parseReport } from '../verification.ts';
import type { Baseline } from '../verify/baseline.ts';

const REMOTE = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/;

/**
 * The report that a bundle must not be worse than: the one that the flag names, or else `verify.baseline`. A file, the
 * folder of a bundle, or a published model.
 *
 * @param isOwn false for a downloaded bundle: what its author compared it with lies on the author's machine
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, or as `fetchText`
 */
export async function findBaseline(
  dir: string,
  flag: string | undefined,
  isOwn: boolean,
): Promise<Baseline | undefined> {
  // A link in the place of a file is refused before anything is read through it.
  await listBundleFiles(dir);
  const config = await loadConfig(join(dir, CONFIG_FILE), { inside: true }).catch(() => undefined);
  const source = flag ?? (isOwn ? config?.verify.baseline?.source : undefined);
  if (source === undefined) return undefined;
  const named = flag === undefined ? `verify.baseline.source in ${join(dir, CONFIG_FILE)}` : '--baseline';
  const text = await readSource(source, named);
  return { source, report: parseReport(text), maxWorse: config?.verify.baseline?.maxWorse };
}

/** @param named who named it, for a message */
async function readSource(source: string, named: string): Promise<string> {
  const path = existsSync(join(source, REPORT_FILE)) ? join(source, REPORT_FILE) : source;
  if (existsSync(path)) {
    return readLimitedText(path);
  }
  const [, repo, revision] = REMOTE.exec(source) ?? [];
  // `reports/last.json` is a file that is missing, and no model of somebody called reports.
  if (repo === undefined || source.endsWith('.json')) {
    throw new HubwrightError('INPUT_MISSING', `${named} names ${source}: there is no such file`, {
      hint: 'name a report, a verified bundle, or a published model as owner/name@revision',
    });
  }
  const accessToken = await findToken(process.env).then(
    ({ token }) => token,
    () => undefined,
  );
  return fetchText(REPORT_FILE, { repo, revision, hubUrl: findHubUrl(process.env), accessToken });
}
