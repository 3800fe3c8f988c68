import { REPORT_FILE } from '../bundle.ts';
import { REPO_ID } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import { connectHub, type Hub } from './hub-client.ts';
import { stopIfAborted } from './hub-failure.ts';
import { checkHubUrl } from './hub-url.ts';
import { listNames, readPayload } from './payload.ts';
import { changedFiles, makePlan, type PublishPlan } from './plan.ts';
import { findMismatches } from './read-back.ts';
import { surveyHub } from './survey.ts';
import { checkTag, setTag } from './tag.ts';
import { checkToken } from './token.ts';
import { upload } from './upload.ts';

export type { PlannedFile, PublishPlan } from './plan.ts';
export type { UploadMode } from './remote-state.ts';

export interface PublishOptions extends StageOptions {
  /** `owner/name` */
  readonly repo: string;
  readonly hubUrl: string;
  readonly accessToken: string;
  /** Plan only: the Hub is asked, and nothing is written. @default false */
  readonly dryRun?: boolean | undefined;
  /** Visibility of a repository that has to be created. Left out, the Hub's default for its owner. */
  readonly private?: boolean | undefined;
  /** A tag to set on the commit once it has been read back. */
  readonly tag?: string | undefined;
  /** The commit's title. */
  readonly message?: string | undefined;
  /** False lets a bundle out that has no passing report, and says so in the plan and in the commit. @default true */
  readonly requireReport?: boolean | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Asked once, before the first write; false ends with ABORTED. */
  readonly confirm?: ((plan: PublishPlan) => Promise<boolean>) | undefined;
}

export interface PublishResult {
  readonly repo: string;
  readonly url: string;
  readonly plan: PublishPlan;
  /** Null when the Hub had everything already, and in a dry run. */
  readonly commit: { readonly oid: string; readonly url: string } | null;
  /** Files on the Hub that were compared with the bundle's and are the same. */
  readonly verifiedFiles: number;
  readonly tag?: string;
  /** A line that loads exactly this commit. */
  readonly usage: string;
  readonly dryRun: boolean;
}

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
  checkToken(options.accessToken, 'accessToken');
  checkRepo(repo);

  onProgress?.({ kind: 'start', stage: 'plan', message: `comparing ${dir} with ${repo}` });
  stopIfAborted(signal, `read ${dir}`);
  const payload = await readPayload(dir, options.requireReport ?? true);
  const hub = connectHub({ ...options, hubUrl });
  const there = await surveyHub(hub, repo, dir, payload);
  const plan = makePlan(payload, there, { ...options, hubUrl });
  const changed = changedFiles(plan);
  if (tag !== undefined) checkTag(tag, there.tags, changed.length > 0 ? null : there.head);
  onProgress?.({ kind: 'done', stage: 'plan', message: countActions(plan) });

  const isUpToDate = changed.length === 0 && (tag === undefined || there.tags.has(tag));
  if (dryRun || isUpToDate) {
    const same = plan.files.length - changed.length;
    return describeResult(plan, { commit: null, head: there.head, verifiedFiles: same, dryRun });
  }
  if (options.confirm !== undefined && !(await options.confirm(plan))) {
    throw new HubwrightError('ABORTED', 'the plan was declined: nothing was published');
  }

  const head = changed.length === 0 ? there.head : await commitChanges(hub, dir, plan, options);
  if (head === null) throw new HubwrightError('HUB_MISMATCH', `${repo} has no commit`);
  const verifiedFiles = await readBack(hub, dir, plan, head, options);
  if (tag !== undefined) await setTag(hub, tag, head);
  const commit = changed.length === 0 ? null : { oid: head, url: `${plan.url}/commit/${head}` };
  return describeResult(plan, { commit, head, verifiedFiles, dryRun });
}

function checkRepo(repo: string): void {
  if (REPO_ID.test(repo)) return;
  throw new HubwrightError('USAGE', `${repo} is not the name of a repository: owner/name was expected`);
}

async function commitChanges(
  hub: Hub,
  dir: string,
  plan: PublishPlan,
  options: PublishOptions,
): Promise<string> {
  const message = `sending ${changedFiles(plan).length} files to ${plan.repo}`;
  options.onProgress?.({ kind: 'start', stage: 'upload', message });
  if (plan.createRepo) await hub.create(plan.private);
  // A new repository begins with a commit of the Hub's own.
  const parent = plan.createRepo ? (await hub.readRefs()).head : plan.head;
  const oid = await upload(hub, dir, plan, parent, options);
  options.onProgress?.({ kind: 'done', stage: 'upload', message: `committed ${oid}` });
  return oid;
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
  const faults = await findMismatches(dir, files, await hub.listTree(oid), [...plan.kept, REPORT_FILE]);
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

function countActions({ files, kept }: PublishPlan): string {
  const count = (action: string): number => files.filter((file) => file.action === action).length;
  const counts = `${count('add')} to add, ${count('update')} to update, ${count('unchanged')} unchanged`;
  return kept.length === 0 ? counts : `${counts}, ${kept.length} kept`;
}

function describeResult(
  plan: PublishPlan,
  outcome: Pick<PublishResult, 'commit' | 'verifiedFiles' | 'dryRun'> & { readonly head: string | null },
): PublishResult {
  const { head, ...rest } = outcome;
  return {
    repo: plan.repo,
    url: plan.url,
    plan,
    ...rest,
    ...(plan.tag === null ? {} : { tag: plan.tag }),
    usage: `from_pretrained("${plan.repo}", revision="${head ?? plan.branch}")`,
  };
}
