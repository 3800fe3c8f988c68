import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isBundle } from '../../bundle.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../../config.ts';
import { EXIT, HubwrightError } from '../../errors.ts';
import { isXetDisabled } from '../../publish/hub-url.ts';
import { checkPublishAccess, type Gating, type Prune, publish } from '../../publish/index.ts';
import type { VerificationReport } from '../../verification.ts';
import { type AssembleFlags, OWN_ONNX } from '../assemble-flags.ts';
import { type Context, createContext, loadRunConfig } from '../context.ts';
import { addDeviceFlags, type DeviceFlags } from '../device-flags.ts';
import { describeFailed, describePublished, writeGitHubOutputs } from '../github-outputs.ts';
import { openHub } from '../hub-access.ts';
import { prove, verifyCopy } from '../publish-proof.ts';
import { askAbout, formatOutcome, mayAsk } from '../publish-view.ts';
import { addReportFlag, type ReportFlags } from '../report-flag.ts';
import type { FinishedRun } from '../reports.ts';
import { NO_CACHE } from '../terminal.ts';

interface PublishFlags extends AssembleFlags, DeviceFlags, ReportFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly private?: boolean;
  readonly gated?: 'auto' | 'manual' | 'off';
  readonly branch?: string;
  readonly pr?: boolean;
  readonly prune?: Prune | true;
  readonly tag?: string;
  readonly message?: string;
  readonly deep?: boolean;
  /** False with --no-verify. */
  readonly verify: boolean;
  /** False with --no-xet. */
  readonly xet: boolean;
}

export function addPublish(program: Command): void {
  const command = program
    .command('publish')
    .description('assemble (unless given a bundle), verify, and put the model on the Hub as one commit')
    .argument('[dir]', 'a run folder, or a bundle', '.')
    .option('--repo <owner/name>', 'where to publish (default: repo in hubwright.json)')
    .option('--out <dir>', 'where the bundle of a run folder goes (default: <name>_hf in this folder)')
    .option(...OWN_ONNX)
    .option('-n, --dry-run', 'print the plan; the Hub is only read')
    .option('-y, --yes', 'do not ask before publishing')
    .option('--pr', 'propose the commit in a pull request; run again, the same one is updated')
    .option('--branch <name>', 'the branch to commit to, made when it is not there (default: main)')
    .option('--tag <name>', 'tag the commit once it has been read back')
    .option('-m, --message <text>', "the commit's title")
    .option('--private', 'make the repository private')
    .addOption(
      new Option('--gated <how>', 'who downloads has to ask first').choices(['auto', 'manual', 'off']),
    )
    .addOption(
      new Option(
        '--prune [which]',
        'delete files that the bundle does not have: those that an earlier publish put there, or all',
      ).choices(['published', 'all']),
    )
    .option('--deep', 'download what was published into a clean folder and verify that copy, before the tag')
    .option('--no-verify', 'publish without a passing verification; the commit will say so')
    .option('--no-xet', 'send large files over LFS, whole, and not over Xet (also: HF_HUB_DISABLE_XET=1)')
    .option(...NO_CACHE);
  addDeviceFlags(addReportFlag(command)).action(async (dir: string, _: unknown, command: Command) => {
    const flags = command.optsWithGlobals<PublishFlags>();
    const context = createContext('publish', flags);
    await run(dir, flags, context);
  });
}

async function run(dir: string, flags: PublishFlags, context: Context): Promise<void> {
  const { onProgress, signal, cacheDir } = context;
  refuseEmptyFlags(flags);
  // Cheap refusals first: nothing is computed for a publish that cannot happen.
  const hub = await openHub(context);
  const settings = isBundle(dir) ? await loadConfig(join(dir, CONFIG_FILE)) : await loadRunConfig(dir, flags);
  const target = chooseTarget(flags, settings);
  await checkPublishAccess({ ...hub, ...target, onProgress, signal });

  const bundle = isBundle(dir) ? dir : await assembleFrom(dir, flags, context);
  checkBundleRepo(target.repo, await loadConfig(join(bundle, CONFIG_FILE)), bundle);
  const proof = flags.verify ? await openProof(bundle, flags, context) : undefined;
  if (proof?.report.ok === false) {
    await writeGitHubOutputs(process.env, describeFailed(target.repo, hub.hubUrl));
    await proof.print({ document: { bundle, report: proof.report, commit: null } });
    process.exitCode = EXIT.findings;
    return;
  }
  const result = await publish(bundle, {
    // A trusted publisher's token is valid for an hour, and verification may take longer.
    ...(process.env.HF_OIDC_RESOURCE ? await openHub(context) : hub),
    ...target,
    dryRun: flags.dryRun === true,
    prune: flags.prune === true ? 'published' : flags.prune,
    message: flags.message,
    xet: flags.xet && !isXetDisabled(process.env),
    requireReport: flags.verify,
    cacheDir,
    confirm: mayAsk(flags) ? (plan) => askAbout(plan, context) : undefined,
    verifyCopy:
      flags.deep === true ? (commit) => verifyCopy(target.repo, commit, hub, flags, context) : undefined,
    onProgress,
    signal,
  });
  await writeGitHubOutputs(process.env, describePublished(result));
  const outcome = formatOutcome(result, context);
  const document = { bundle, report: proof?.report, ...result };
  if (proof !== undefined) return proof.print({ more: `\n${outcome}`, document });
  const warning = context.paint('yellow', '! not verified (--no-verify)');
  context.finish(`${warning}\n\n${outcome}`, document);
}

// What follows is loaded where it is needed: it has the model's runtime and every format of a report behind it.

async function assembleFrom(runDir: string, flags: PublishFlags, context: Context): Promise<string> {
  const { assembleRun } = await import('./assemble.ts');
  return (await assembleRun(runDir, flags, context)).dir;
}

/** The bundle's report, written wherever it was asked for before the Hub is: it stands, however the rest ends. */
async function openProof(
  bundle: string,
  flags: PublishFlags,
  context: Context,
): Promise<{ report: VerificationReport; print(run: FinishedRun): Promise<void> }> {
  const report = await prove(bundle, flags, context);
  const { describeSubject, printReport, writeReports } = await import('../reports.ts');
  const subject = describeSubject(bundle, bundle, false);
  await writeReports(report, flags.report, subject);
  return { report, print: (run) => printReport(report, subject, flags, context, run) };
}

/** Flags that would have nothing to do. */
function refuseEmptyFlags({ verify, report }: PublishFlags): void {
  if (!verify && report !== undefined) {
    throw new HubwrightError('USAGE', 'with --no-verify there is nothing that --report could write', {
      hint: 'leave out one of the two',
    });
  }
}

interface Target {
  readonly repo: string;
  readonly private: boolean | undefined;
  readonly gated: Gating | undefined;
  readonly branch: string | undefined;
  readonly pullRequest: boolean;
  readonly tag: string | undefined;
}

/** Flags win over the config. A tag that stands in the config waits until a pull request is merged. */
function chooseTarget(flags: PublishFlags, { repo: configured, publish }: Config): Target {
  const repo = flags.repo ?? configured;
  if (repo === undefined) {
    throw new HubwrightError('USAGE', 'no repository is named: neither --repo nor repo in hubwright.json', {
      hint: 'hubwright publish --repo owner/name',
    });
  }
  const pullRequest = flags.pr ?? (publish.pullRequest && flags.branch === undefined);
  return {
    repo,
    private: flags.private ?? publish.private,
    gated: flags.gated === 'off' ? false : (flags.gated ?? publish.gated),
    branch: flags.branch ?? (pullRequest ? undefined : publish.branch),
    pullRequest,
    tag: flags.tag ?? (pullRequest ? undefined : publish.tag),
  };
}

function checkBundleRepo(repo: string, { repo: made }: Config, bundle: string): void {
  if (made === repo) return;
  const named = made === undefined ? 'names no repository in its card' : `was made for ${made}`;
  throw new HubwrightError('USAGE', `the bundle ${bundle} ${named}, not for ${repo}`, {
    hint: `assemble it again: hubwright assemble <run-dir> --repo ${repo}`,
  });
}
