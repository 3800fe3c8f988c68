import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import { commitAnswer } from './hub-answers.ts';
import type { Hub } from './hub-client.ts';
import { parseLoosely, RUN_AGAIN, stopIfAborted } from './hub-failure.ts';
import { PATIENCE, type Patience, type PatientOptions, waitToRepeat } from './patience.ts';
import { changedFiles, type PublishPlan } from './plan.ts';
import { findMismatches } from './read-back.ts';

export interface CommitInput {
  readonly dir: string;
  readonly plan: Pick<PublishPlan, 'repo' | 'title' | 'description' | 'files' | 'deleted'>;
  /** A branch, or `refs/pr/<number>`. */
  readonly revision: string;
  /** The head it builds on: with any other head the Hub answers 412. */
  readonly parent: string;
}

/** What became of a commit: its id, or that the branch has moved to `head` meanwhile. */
export type CommitOutcome = { readonly oid: string } | { readonly movedTo: string };

/** A commit's body: NDJSON, a header and then a line a file. @throws HubwrightError NOT_VERIFIED */
export async function writeCommit({ dir, plan, parent }: CommitInput): Promise<Buffer> {
  const header = { summary: plan.title, description: plan.description, parentCommit: parent };
  const lines: unknown[] = [{ key: 'header', value: header }];
  for (const { path, size, sha256, mode } of changedFiles(plan)) {
    if (mode === 'lfs') {
      lines.push({ key: 'lfsFile', value: { path, algo: 'sha256', oid: sha256, size } });
      continue;
    }
    const bytes = await readFile(join(dir, path));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new HubwrightError('NOT_VERIFIED', `${path} changed while the bundle was being sent`, {
        hint: 'assemble and verify again, then publish',
      });
    }
    lines.push({ key: 'file', value: { path, content: bytes.toString('base64'), encoding: 'base64' } });
  }
  for (const { path } of plan.deleted) lines.push({ key: 'deletedFile', value: { path } });
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/**
 * Commits, exactly once. After a failure that leaves open whether the commit has landed, the branch is read again and
 * its files are compared; only when it has not moved is the commit sent anew, and its `parentCommit` makes sure that a
 * first one which lands late after all is not doubled.
 *
 * @throws HubwrightError HUB_REFUSED, HUB_CONFLICT while others hold the lock, HUB_UNREACHABLE when it has not landed
 */
export async function commitOnce(
  hub: Hub,
  input: CommitInput,
  options: PatientOptions,
): Promise<CommitOutcome> {
  const patience = { ...PATIENCE, ...options.patience };
  const lines = await writeCommit(input);
  for (let tries = 1; ; tries += 1) {
    const sent = await send(hub, input.revision, lines);
    if ('oid' in sent) return sent;
    const { unclear } = sent;
    stopIfAborted(options.signal, `see whether the commit to ${input.plan.repo} has landed`);
    const seen = await lookAfter(hub, input, patience, options);
    if (seen !== undefined) return seen;
    if (tries === patience.tries) throw notSeen(unclear);
    await waitToRepeat(`the commit has not landed (${unclear.message})`, tries, options);
  }
}

/** Statuses after which a commit may have landed, or may be sent once the others are done. */
const UNCLEAR = new Set([408, 409, 412, 500, 502, 503, 504]);

async function send(
  hub: Hub,
  revision: string,
  lines: Buffer,
): Promise<{ readonly oid: string } | { readonly unclear: HubwrightError }> {
  const answer = await hub.sendCommit(revision, lines).catch((error: unknown) => {
    // No answer at all; anything else, such as a file that has changed, is final.
    if (error instanceof HubwrightError && error.code === 'HUB_UNREACHABLE') return error;
    throw error;
  });
  if (answer instanceof HubwrightError) return { unclear: answer };
  if (!answer.ok && !UNCLEAR.has(answer.status)) throw answer.refusal();
  if (!answer.ok) return { unclear: answer.refusal() };
  const said = commitAnswer.safeParse(parseLoosely(answer.text));
  if (said.success) return { oid: said.data.commitOid };
  const message = 'the Hub answered the commit with something that names none';
  return { unclear: new HubwrightError('HUB_UNREACHABLE', message) };
}

/**
 * Reads the head again, several times while it stays where it was: a gateway may give up while the Hub still works.
 * Undefined when it has not moved.
 */
async function lookAfter(
  hub: Hub,
  { dir, plan, revision, parent }: CommitInput,
  patience: Patience,
  options: StageOptions,
): Promise<CommitOutcome | undefined> {
  for (const delay of [0, 2 * patience.firstWaitMs, 5 * patience.firstWaitMs]) {
    await pause(delay, options);
    const head = await hub.resolveRevision(revision);
    if (head === parent) continue;
    const tree = await hub.listTree(head);
    const gone = new Set(plan.deleted.map(({ path }) => path));
    const others = tree.map((file) => file.path).filter((path) => !gone.has(path));
    const faults = await findMismatches(dir, changedFiles(plan), tree, others);
    return faults.length === 0 ? { oid: head } : { movedTo: head };
  }
  return undefined;
}

function notSeen(error: HubwrightError): HubwrightError {
  const message = `${error.message}; the commit has not been seen on the Hub`;
  return new HubwrightError(error.code, message, { hint: error.hint ?? RUN_AGAIN, cause: error });
}

async function pause(delay: number, { signal }: StageOptions): Promise<void> {
  await wait(delay, undefined, signal === undefined ? {} : { signal });
}
