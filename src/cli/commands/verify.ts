import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT, HubwrightError } from '../../errors.ts';
import { download } from '../../publish/download.ts';
import { findHubUrl } from '../../publish/hub-url.ts';
import { findToken } from '../../publish/token.ts';
import { formatReport } from '../../report/pretty.ts';
import { type CacheUse, verify } from '../../verify/index.ts';
import { type Context, createContext } from '../context.ts';
import { type CacheFlags, type GlobalFlags, NO_CACHE } from '../terminal.ts';

type VerifyFlags = GlobalFlags & CacheFlags & { readonly strict?: boolean };

/** `owner/name` or `owner/name@revision` */
const REMOTE = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/;

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('prove a bundle: check its files, run the model over the test split, compare the metrics')
    .argument('[bundle]', 'a bundle folder, or a published model: owner/name[@revision]', '.')
    .option('--strict', 'let warnings fail too')
    .option(...NO_CACHE)
    .action(async (target: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<VerifyFlags>();
      const context = createContext('verify', flags);
      const [, repo, revision] = REMOTE.exec(target) ?? [];
      if (existsSync(target) || repo === undefined) await verifyFolder(target, flags, context);
      else await verifyPublished(repo, revision, flags, context);
    });
}

async function verifyFolder(dir: string, flags: VerifyFlags, context: Context): Promise<void> {
  if (!existsSync(dir)) {
    throw new HubwrightError('INPUT_MISSING', `there is no folder ${dir}`, {
      hint: 'name a bundle folder, or a published model as owner/name',
    });
  }
  const { report, cache } = await runVerify(dir, flags, context);
  context.finish(formatReport(report, context.paint), { bundle: dir, report, cache });
  if (!report.ok) process.exitCode = EXIT.findings;
}

/** The report, and beside it how many scores were not computed this time: the report itself is the same either way. */
async function runVerify(dir: string, flags: VerifyFlags, { onProgress, signal, cacheDir }: Context) {
  let cache: CacheUse | null = null;
  const report = await verify(dir, {
    strict: flags.strict === true,
    cacheDir,
    onScored: (use) => {
      cache = use;
    },
    onProgress,
    signal,
  });
  return { report, cache };
}

async function verifyPublished(
  repo: string,
  revision: string | undefined,
  flags: VerifyFlags,
  context: Context,
): Promise<void> {
  const { onProgress, signal } = context;
  const hubUrl = findHubUrl(process.env);
  // Public models need no token.
  const accessToken = await findToken(process.env).then(
    ({ token }) => token,
    () => undefined,
  );
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-'));
  try {
    const commit = await download(dir, { repo, revision, hubUrl, accessToken, onProgress, signal });
    const { report, cache } = await runVerify(dir, flags, context);
    const text = `${repo} at ${commit}\n${formatReport(report, context.paint)}`;
    context.finish(text, { repo, commit, report, cache });
    if (!report.ok) process.exitCode = EXIT.findings;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
