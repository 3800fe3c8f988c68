import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPORT_FILE } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { unreadableFile } from '../formats/unreadable-file.ts';
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
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, or as `fetchText`
 */
export async function findBaseline(dir: string, flag: string | undefined): Promise<Baseline | undefined> {
  const config = await loadConfig(join(dir, CONFIG_FILE)).catch(() => undefined);
  const source = flag ?? config?.verify.baseline?.source;
  if (source === undefined) return undefined;
  const text = await readSource(source);
  return { source, report: parseReport(text), maxWorse: config?.verify.baseline?.maxWorse };
}

async function readSource(source: string): Promise<string> {
  const path = existsSync(join(source, REPORT_FILE)) ? join(source, REPORT_FILE) : source;
  if (existsSync(path)) {
    return readFile(path, 'utf8').catch((cause: unknown) => {
      throw unreadableFile(path, cause);
    });
  }
  const [, repo, revision] = REMOTE.exec(source) ?? [];
  if (repo === undefined) {
    throw new HubwrightError('INPUT_MISSING', `--baseline ${source}: there is no such file`, {
      hint: 'name a report, a verified bundle, or a published model as owner/name@revision',
    });
  }
  const accessToken = await findToken(process.env).then(
    ({ token }) => token,
    () => undefined,
  );
  return fetchText(REPORT_FILE, { repo, revision, hubUrl: findHubUrl(process.env), accessToken });
}
