import { REPORT_FILE } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import { describeInterloper } from './conflict.ts';
import { connectHub, type Gating, type Hub } from './hub-client.ts';
import { stopIfAborted } from './hub-failure.ts';
import { checkHubUrl } from './hub-url.ts';
import { checkRefName, checkRepo, listNames } from './names.ts';
import type { PatientOptions } from './patience.ts';
import { type Payload, readPayload } from './payload.ts';
import { changedFiles, makePlan, needsCommit, needsSettings, type PublishPlan } from './plan.ts';
import type { Prune } from './prune.ts';
import { describePull } from './pull-description.ts';
import { updatePull } from './pull-request.ts';
import { findMismatches } from './read-back.ts';
import { MAIN } from './remote-state.ts';
import { carryOut, type Round } from './send.ts';
import { surveyHub } from './survey.ts';
import { checkTag, setTag } from './tag.ts';
import { checkToken } from './token.ts';

export { type Access, checkPublishAccess } from './access.ts';
export type { Gating } from './hub-client.ts';
export type { Patience } from './patience.ts';
export type { PlannedDeletion, PlannedFile, PublishPlan } from './plan.ts';
export type { Prune } from './prune.ts';
export type { MetricChange } from './published.ts';
export type { UploadMode } from './remote-state.ts';

export interface PublishOptions extends PatientOptions {
  /** `owner/name` */
  readonly repo: string;
  readonly hubUrl: string;
  readonly accessToken: string;
  /** Plan only: the Hub is asked, and nothing is written. @default false */
  readonly dryRun?: boolean | undefined;
  /** True makes the repository private, a new one or one that is there; false makes a new one public. */
  readonly private?: boolean | undefined;
  /** Who may download: everybody (false), whoever asks (`auto`), or whom the owner lets in (`manual`). */
  readonly gated?: Gating | undefined;
  /** The branch to commit to; made from `main` when it is not there. @default 'main' */
  readonly branch?: string | undefined;
  /** Proposes the commit in a pull request, the one of an earlier run where that is open still. @default false */
  readonly pullRequest?: boolean | undefined;
  /** Deletes files that the bundle does not have. Left out, all stay but signature and provenance of other files. */
  readonly prune?: Prune | undefined;
  /** False sends large files over LFS even where the Hub would take them over Xet. @default true */
  readonly xet?: boolean | undefined;
  /** A tag to set on the commit once it has been read back. */
  readonly tag?: string | undefined;
  /** The commit's title. */
  readonly message?: string | undefined;
  /** False lets a bundle out that has no passing report, and says so in the plan and in the commit. @default true */
  readonly requireReport?: boolean | undefined;
  /** Where hashes of large files are kept between runs. Left out, every file is hashed again. */
  readonly cacheDir?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Asked before the first write, and again when somebody else's commit came between; false ends with ABORTED. */
  readonly confirm?: ((plan: PublishPlan) => Promise<boolean>) | undefined;
  /** Checks the published commit further, before it is tagged; throws when it is not what it should be. */
  readonly verifyCopy?: ((commit: string) => Promise<void>) | undefined;
}

export interface PublishResult {
  readonly repo: string;
  readonly url: string;
  readonly plan: PublishPlan;
  /** Null when the Hub had everything already, and in a dry run. */
  readonly commit: { readonly oid: string; readonly url: string } | null;
  /** Null when the commit went to a branch, or would open one in a dry run. */
  readonly pullRequest: { readonly number: number; readonly url: string } | null;
  /** Files on the Hub that were compared with the bundle's and are the same. */
  readonly verifiedFiles: number;
  readonly tag?: string;
  /** A line that loads exactly this commit. */
  readonly usage: string;
  readonly dryRun: boolean;
}

/** How often a plan is made anew because somebody else was quicker. */
const MAX_ROUNDS = 5;

/**
 * Publishes a verified bundle as one commit, and reads it back.
 *
 * @param dir the bundle folder
 * @throws HubwrightError NOT_VERIFIED, INPUT_MISSING, INPUT_INVALID or USAGE before the first request; HUB_REFUSED,
 * HUB_CONFLICT, HUB_UNREACHABLE, HUB_MISMATCH or ABORTED after it
 */
export async function publish(dir: string, options: PublishOptions): Promise<PublishResult> {
  const { repo, tag, dryRun = false, signal, onProgress } = options;
  const hubUrl = checkHubUrl(options.hubUrl);
  checkOptions(options);

  onProgress?.({ kind: 'start', stage: 'plan', message: `comparing ${dir} with ${repo}` });
  stopIfAborted(signal, `read ${dir}`);
  const payload = await readPayload(dir, {
    requireReport: options.requireReport ?? true,
    cacheDir: options.cacheDir,
  });
  const hub = connectHub({ ...options, hubUrl });
  const survey = async (): Promise<Round> => {
    const there = await surveyHub(hub, dir, payload, options);
    return { there, plan: makePlan(payload, there, { ...options, hubUrl }) };
  };
  let round = await survey();
  onProgress?.({ kind: 'done', stage: 'plan', message: countActions(round.plan) });

  for (let rounds = 1; ; rounds += 1) {
    const { plan, there } = round;
    if (tag !== undefined) checkTag(tag, there.refs.tags, needsCommit(plan) ? null : there.head);
    if (dryRun || isUpToDate(round, tag)) return finishUnchanged(hub, round, payload, dryRun);
    if (options.confirm !== undefined && !(await options.confirm(plan))) {
      throw new HubwrightError('ABORTED', 'the plan was declined: nothing was published');
    }
    onProgress?.({ kind: 'start', stage: 'upload', message: describeWork(plan) });
    const describe = (work: PublishPlan) => describePull(work, payload.report);
    const sent = await carryOut(hub, dir, round, survey, describe, {
      ...options,
      xet: options.xet ?? true,
    });
    if ('oid' in sent) {
      onProgress?.({ kind: 'done', stage: 'upload', message: `committed ${sent.oid}` });
      return finish(hub, dir, round, payload, sent, options);
    }
    if (rounds === MAX_ROUNDS) {
      throw new HubwrightError(
        'HUB_CONFLICT',
        `others keep committing to ${repo}: ${rounds} plans were overtaken`,
        {
          hint: 'run the same command again later, or use --pr',
        },
      );
    }
    const next = await survey();
    onProgress?.({ kind: 'note', message: await describeInterloper(hub, round, next) });
    round = next;
  }
}

function checkOptions({ accessToken, repo, tag, branch, pullRequest }: PublishOptions): void {
  checkToken(accessToken, 'accessToken');
  checkRepo(repo);
  if (branch !== undefined) checkRefName(branch, 'branch');
  if (pullRequest === true && branch !== undefined && branch !== MAIN) {
    throw new HubwrightError('USAGE', `a pull request of the Hub goes to ${MAIN}, not to ${branch}`, {
      hint: 'leave out --branch, or --pr',
    });
  }
  if (tag === undefined) return;
  checkRefName(tag, 'tag');
  if (pullRequest === true) {
    throw new HubwrightError('USAGE', 'a tag names what is published, and a pull request is not yet', {
      hint: 'leave out --tag; publish with it once the pull request is merged',
    });
  }
}

function isUpToDate({ plan, there }: Round, tag: string | undefined): boolean {
  const isTagged = tag === undefined || there.refs.tags.has(tag);
  return !needsCommit(plan) && !needsSettings(plan) && !plan.createBranch && isTagged;
}

/** The end of a run that has nothing to do, or may do nothing. */
async function finishUnchanged(
  hub: Hub,
  { plan, there }: Round,
  { report }: Payload,
  dryRun: boolean,
): Promise<PublishResult> {
  const pull = plan.pullRequest?.number ?? undefined;
  // A run that was cut off after its commit has left the pull request a draft.
  if (!dryRun && pull !== undefined) await updatePull(hub, pull, describePull(plan, report));
  const same = plan.files.length - changedFiles(plan).length;
  return describeResult(plan, { commit: null, head: there.head, pull, verifiedFiles: same, dryRun });
}

/** What follows a commit: comparison, the copy's own verification, and only then what tells others of it. */
async function finish(
  hub: Hub,
  dir: string,
  { plan }: Round,
  payload: Payload,
  { oid, pull }: { readonly oid: string; readonly pull: number | undefined },
  options: PublishOptions,
): Promise<PublishResult> {
  const verifiedFiles = await readBack(hub, dir, plan, oid, options);
  await options.verifyCopy?.(oid);
  if (pull !== undefined) await updatePull(hub, pull, describePull(plan, payload.report));
  if (options.tag !== undefined) await setTag(hub, options.tag, oid);
  const commit = needsCommit(plan) ? { oid, url: `${plan.url}/commit/${oid}` } : null;
  return describeResult(plan, { commit, head: oid, pull, verifiedFiles, dryRun: false });
}

/** Compares every file at `oid` with the bundle, and returns how many. @throws HubwrightError HUB_MISMATCH */
async function readBack(
  hub: Hub,
  dir: string,
  plan: PublishPlan,
  oid: string,
  { onProgress }: StageOptions,
): Promise<number> {
  onProgress?.({ kind: 'start', stage: 'read-back', message: `reading ${plan.repo} back` });
  // An unchanged report may differ in bytes: it counts as the same for what it says.
  const files = plan.files.filter((file) => file.path !== REPORT_FILE || file.action !== 'unchanged');
  const sameReport = plan.files.length > files.length ? [REPORT_FILE] : [];
  const faults = await findMismatches(dir, files, await hub.listTree(oid), [...plan.kept, ...sameReport]);
  if (faults.length > 0) {
    throw new HubwrightError(
      'HUB_MISMATCH',
      `${plan.repo} at ${oid} is not what was sent: ${listNames(faults)}`,
      {
        hint: 'run the same command again: it sends what differs',
      },
    );
  }
  onProgress?.({ kind: 'done', stage: 'read-back', message: `${files.length} files are as they were sent` });
  return files.length;
}

function countActions({ files, kept, deleted }: PublishPlan): string {
  const count = (action: string): number => files.filter((file) => file.action === action).length;
  return [
    `${count('add')} to add, ${count('update')} to update, ${count('unchanged')} unchanged`,
    ...(deleted.length > 0 ? [`${deleted.length} to delete`] : []),
    ...(kept.length > 0 ? [`${kept.length} kept`] : []),
  ].join(', ');
}

function describeWork(plan: PublishPlan): string {
  const changed = changedFiles(plan).length;
  return changed > 0 ? `sending ${changed} files to ${plan.repo}` : `changing ${plan.repo}`;
}

function describeResult(
  plan: PublishPlan,
  outcome: Pick<PublishResult, 'commit' | 'verifiedFiles' | 'dryRun'> & {
    readonly head: string | null;
    readonly pull: number | undefined;
  },
): PublishResult {
  const { head, pull, ...rest } = outcome;
  return {
    repo: plan.repo,
    url: plan.url,
    plan,
    ...rest,
    pullRequest: pull === undefined ? null : { number: pull, url: `${plan.url}/discussions/${pull}` },
    ...(plan.tag === null ? {} : { tag: plan.tag }),
    usage: `from_pretrained("${plan.repo}", revision="${head ?? plan.branch}")`,
  };
}
