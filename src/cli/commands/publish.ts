import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { isBundle, readLock } from '../../bundle.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../../config.ts';
import { EXIT, HubwrightError } from '../../errors.ts';
import { findHubUrl } from '../../publish/hub-url.ts';
import { type PublishPlan, type PublishResult, publish } from '../../publish/index.ts';
import { findToken } from '../../publish/token.ts';
import { formatPlan } from '../../report/plan.ts';
import { formatReport } from '../../report/pretty.ts';
import { readPassingReport, type VerificationReport } from '../../verification.ts';
import { verify } from '../../verify/index.ts';
import { type Context, createContext } from '../context.ts';

import { addDeviceFlags, type DeviceFlags, NO_CACHE, painter } from '../terminal.ts';
import { type AssembleFlags, assembleRun } from './assemble.ts';

interface PublishFlags extends AssembleFlags, DeviceFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly private?: boolean;
  readonly tag?: string;
  readonly message?: string;
  /** False with --no-verify. */
  readonly verify: boolean;
}

export function addPublish(program: Command): void {
  const command = program
    .command('publish')
    .description('assemble (unless given a bundle), verify, and put the model on the Hub as one commit')
    .argument('[dir]', 'a run folder, or a bundle', '.')
    .option('--repo <owner/name>', 'where to publish (default: repo in hubwright.json)')
    .option('--out <dir>', 'where the bundle of a run folder goes (default: <name>_hf in this folder)')
    .option('-n, --dry-run', 'print the plan; the Hub is only read')
    .option('-y, --yes', 'do not ask before publishing')
    .option('--private', 'make a new repository private')
    .option('--tag <name>', 'tag the commit once it has been read back')
    .option('-m, --message <text>', "the commit's title")
    .option('--no-verify', 'publish without a passing verification; the commit will say so')
    .option(...NO_CACHE);
  addDeviceFlags(command).action(async (dir: string, _: unknown, command: Command) => {
    const flags = command.optsWithGlobals<PublishFlags>();
    const context = createContext('publish', flags);
    // Cheap refusals first: nothing is computed for a publish that cannot happen.
    const hubUrl = findHubUrl(process.env);
    const { token } = await findToken(process.env);
    const bundle = isBundle(dir) ? dir : (await assembleRun(dir, flags, context)).dir;
    const config = await loadConfig(join(bundle, CONFIG_FILE));
    const repo = chooseRepo(flags, config, bundle);
    const report = flags.verify ? await prove(bundle, flags, context) : undefined;
    if (report?.ok === false) {
      context.finish(formatReport(report, context.paint), { bundle, report, commit: null });
      process.exitCode = EXIT.findings;
      return;
    }
    const result = await publish(bundle, {
      repo,
      hubUrl,
      accessToken: token,
      dryRun: flags.dryRun === true,
      private: flags.private ?? config.publish.private,
      tag: flags.tag ?? config.publish.tag,
      message: flags.message,
      requireReport: flags.verify,
      cacheDir: context.cacheDir,
      confirm: mayAsk(flags) ? (plan) => ask(plan, context) : undefined,
      onProgress: context.onProgress,
      signal: context.signal,
    });
    context.finish(formatResult(result, report, context), { bundle, report, ...result });
  });
}

function chooseRepo(flags: PublishFlags, config: Config, bundle: string): string {
  const repo = flags.repo ?? config.repo;
  if (repo === undefined) {
    throw new HubwrightError('USAGE', 'no repository is named: neither --repo nor repo in hubwright.json', {
      hint: 'hubwright publish --repo owner/name',
    });
  }
  if (config.repo === repo) return repo;
  const named = config.repo === undefined ? 'names no repository in its card' : `was made for ${config.repo}`;
  throw new HubwrightError('USAGE', `the bundle ${bundle} ${named}, not for ${repo}`, {
    hint: `assemble it again: hubwright assemble <run-dir> --repo ${repo}`,
  });
}

/** A bundle that was verified elsewhere, as it is now, is not verified again; any other is. */
async function prove(
  bundle: string,
  { device, requireGpu }: DeviceFlags,
  { onProgress, signal, cacheDir }: Context,
): Promise<VerificationReport> {
  const earlier = await readPassingReport(bundle, await readLock(bundle)).catch((error: unknown) => {
    if (error instanceof HubwrightError) return undefined;
    throw error;
  });
  if (earlier === undefined) return verify(bundle, { device, requireGpu, onProgress, signal, cacheDir });
  onProgress({ kind: 'note', message: 'these very files were verified before: verification.json' });
  return earlier;
}

function mayAsk(flags: PublishFlags): boolean {
  return flags.yes !== true && flags.json !== true && process.stdin.isTTY === true && !('CI' in process.env);
}

async function ask(plan: PublishPlan, context: Context): Promise<boolean> {
  context.pause();
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    process.stderr.write(`${formatPlan(plan, painter(process.stderr))}\n`);
    const answer = await prompt.question('Publish this? [y/N] ', { signal: context.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

function formatResult(
  result: PublishResult,
  report: VerificationReport | undefined,
  { paint }: Context,
): string {
  const proof =
    report === undefined ? paint('yellow', '! not verified (--no-verify)') : formatReport(report, paint);
  const outcome = result.dryRun
    ? 'dry run: nothing was written'
    : result.commit === null
      ? `${paint('green', '✔')} nothing to do: ${result.url} holds these files already`
      : `${paint('green', '✔ published')}: ${result.commit.url}\n  ${result.verifiedFiles} files read back and compared`;
  return [
    proof,
    '',
    formatPlan(result.plan, paint),
    outcome,
    ...(result.dryRun ? [] : [`  ${result.usage}`]),
  ].join('\n');
}
