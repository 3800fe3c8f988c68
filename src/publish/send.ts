import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import { type CommitOutcome, commitOnce } from './commit.ts';
import type { Hub } from './hub-client.ts';

import type { PatientOptions } from './patience.ts';
import { changedFiles, needsCommit, type PublishPlan } from './plan.ts';
import { applySettings, createRepository } from './prepare.ts';
import { openPull } from './pull-request.ts';
import type { RemoteState } from './remote-state.ts';
import { nameOf } from './survey.ts';
import { uploadLargeFiles } from './upload.ts';

/** What the Hub has and what is to be done about it. */
export interface Round {
  readonly there: RemoteState;
  readonly plan: PublishPlan;
}

/** Where a round ended: the target's head, and the number of the pull request if it went into one. */
export type Sent = CommitOutcome & { readonly pull: number | undefined };

/**
 * Carries a plan out: repository, settings, branch or pull request, the bytes of large files, and one commit.
 *
 * @param survey asks the Hub anew, after the repository was created
 * @param describe the text of a new pull request
 */
export async function carryOut(
  hub: Hub,
  dir: string,
  round: Round,
  survey: () => Promise<Round>,
  describe: (plan: PublishPlan) => string,
  options: PatientOptions & { readonly xet: boolean },
): Promise<Sent> {
  if (round.plan.createRepo) await createRepository(hub, round.plan, options);
  // A new repository begins with a commit and with rules of the Hub's own.
  const { plan, there } = round.plan.createRepo ? await survey() : round;
  await applySettings(hub, plan);
  if (there.head === null) {
    throw new HubwrightError('HUB_MISMATCH', `${plan.repo} has no commit to build on`, {
      hint: 'create its main branch on the Hub, or delete the repository there and run the command again',
    });
  }
  if (plan.createBranch) await hub.createBranch(plan.branch, there.head);
  if (!needsCommit(plan)) return { oid: there.head, pull: plan.pullRequest?.number ?? undefined };
  const pull = await findPullNumber(hub, { plan, there }, describe, options);
  const revision = pull === undefined ? plan.branch : nameOf({ branch: plan.branch, pull: { number: pull } });
  const lfs = changedFiles(plan).filter(({ mode }) => mode === 'lfs');
  const onBytes = countBytes(plan.uploadBytes, options);
  await uploadLargeFiles(hub, dir, lfs, there.files, {
    branch: pull === undefined ? plan.branch : undefined,
    onBytes,
    xet: options.xet,
    patience: options.patience,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const outcome = await commitOnce(hub, { dir, plan, revision, parent: there.head }, options);
  onBytes(changedFiles(plan).reduce((sum, { mode, size }) => sum + (mode === 'lfs' ? 0 : size), 0));
  return { ...outcome, pull };
}

async function findPullNumber(
  hub: Hub,
  { plan, there }: Round,
  describe: (plan: PublishPlan) => string,
  options: PatientOptions,
): Promise<number | undefined> {
  if (plan.pullRequest === null) return undefined;
  if (plan.pullRequest.number !== null) return plan.pullRequest.number;
  return openPull(hub, there.account, { title: plan.title, description: describe(plan) }, options);
}

/** Tells at most a hundred times. Bytes that have to be sent again are not told twice. */
function countBytes(total: number, { onProgress }: StageOptions): (count: number) => void {
  let done = 0;
  let told = 0;
  return (count) => {
    done += count;
    const percent = Math.floor((100 * done) / total);
    if (percent <= told) return;
    told = percent;
    onProgress?.({ kind: 'advance', stage: 'upload', done, total, unit: 'bytes' });
  };
}
