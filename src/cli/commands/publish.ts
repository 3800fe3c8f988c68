import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { isBundle, readLock } from '../../bundle.ts';
import { CONFIG_FILE, type Config, loadConfig } from '../../config.ts';
import { EXIT, HubwrightError } from '../../errors.ts';
import { download } from '../../publish/download.ts';
import { checkPublishAccess, type Gating, type Prune, publish } from '../../publish/index.ts';
import { readPassingReport, type VerificationReport } from '../../verification.ts';
import { verify } from '../../verify/index.ts';
import { type Context, createContext, loadRunConfig } from '../context.ts';
import { addDeviceFlags, type DeviceFlags, readDeviceFlags } from '../device-flags.ts';
import { writeGitHubOutputs } from '../github-outputs.ts';
import { type HubAccess, openHub } from '../hub-access.ts';
import { askAbout, formatOutcome, mayAsk } from '../publish-view.ts';
import { describeSubject, finishReport } from '../reports.ts';
import { NO_CACHE } from '../terminal.ts';
import { type AssembleFlags, assembleRun, OWN_ONNX } from './assemble.ts';

interface PublishFlags extends AssembleFlags, DeviceFlags {
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
    .option(...NO_CACHE);
  addDeviceFlags(command).action(async (dir: string, _: unknown, command: Command) => {
    const flags = command.optsWithGlobals<PublishFlags>();
    const context = createContext('publish', flags);
    await run(dir, flags, context);
  });
}

async function run(dir: string, flags: PublishFlags, context: Context): Promise<void> {
  const { onProgress, signal, cacheDir } = context;
  // Cheap refusals first: nothing is computed for a publish that cannot happen.
  const hub = await openHub(context);
  const settings = isBundle(dir) ? await loadConfig(join(dir, CONFIG_FILE)) : await loadRunConfig(dir, flags);
  const target = chooseTarget(flags, settings);
  await checkPublishAccess({ ...hub, ...target, onProgress, signal });

  const bundle = isBundle(dir) ? dir : (await assembleRun(dir, flags, context)).dir;
  checkBundleRepo(target.repo, await loadConfig(join(bundle, CONFIG_FILE)), bundle);
  const report = flags.verify ? await prove(bundle, flags, context) : undefined;
  if (report?.ok === false) {
    const subject = describeSubject(bundle, bundle, false);
    await finishReport(report, subject, flags, context, { document: { bundle, report, commit: null } });
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
    requireReport: flags.verify,
    cacheDir,
    confirm: mayAsk(flags) ? (plan) => askAbout(plan, context) : undefined,
    verifyCopy:
      flags.deep === true ? (commit) => verifyCopy(target.repo, commit, hub, flags, context) : undefined,
    onProgress,
    signal,
  });
  await writeGitHubOutputs(process.env, result);
  const outcome = formatOutcome(result, context);
  const document = { bundle, report, ...result };
  if (report === undefined) {
    const warning = context.paint('yellow', '! not verified (--no-verify)');
    context.finish(`${warning}\n\n${outcome}`, document);
    return;
  }
  await finishReport(report, describeSubject(bundle, bundle, false), flags, context, {
    more: `\n${outcome}`,
    document,
  });
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

/** A bundle that was verified elsewhere, as it is now, is not verified again; any other is. */
async function prove(
  bundle: string,
  flags: DeviceFlags,
  { onProgress, signal, cacheDir }: Context,
): Promise<VerificationReport> {
  const earlier = await readPassingReport(bundle, await readLock(bundle)).catch((error: unknown) => {
    if (error instanceof HubwrightError) return undefined;
    throw error;
  });
  if (earlier === undefined)
    return verify(bundle, { ...readDeviceFlags(flags), onProgress, signal, cacheDir });
  onProgress({ kind: 'note', message: 'these very files were verified before: verification.json' });
  return earlier;
}

/** Downloads a commit as a user would and runs its model. Scores of earlier runs are not looked at. */
async function verifyCopy(
  repo: string,
  commit: string,
  hub: HubAccess,
  flags: DeviceFlags,
  { onProgress, signal }: Context,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-'));
  try {
    await download(dir, { ...hub, repo, revision: commit, onProgress, signal });
    const report = await verify(dir, { ...readDeviceFlags(flags), onProgress, signal });
    if (report.ok) return;
    const failed = report.findings.filter(({ severity }) => severity === 'error');
    const why = failed.slice(0, 3).map(({ rule, message }) => `${rule}: ${message}`);
    throw new HubwrightError(
      'HUB_MISMATCH',
      `the downloaded copy of ${repo} at ${commit} does not pass: ${why.join('; ')}`,
      { hint: `look at it: hubwright verify ${repo}@${commit}` },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
