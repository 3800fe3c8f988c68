import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type LockedFile, REPORT_FILE } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { parseReport, type VerificationReport } from '../verification.ts';
import { askAccess } from './access.ts';
import type { Hub, Refs } from './hub-client.ts';
import { listNames } from './names.ts';
import { CARD_FILE, type Payload } from './payload.ts';
import { findOwnPull } from './pull-request.ts';
import {
  hashForComparison,
  holdsSameBytes,
  MAIN,
  type RemoteFile,
  type RemoteState,
  type Target,
  type UploadMode,
} from './remote-state.ts';
import { isSameReport } from './same-report.ts';
import { STATEMENT_FILES, type StatementTexts } from './stale-statements.ts';

/** Bytes of a file's beginning by which the Hub tells text from binary. */
const SAMPLE_BYTES = 512;
/** A card or a report has some kilobytes; what is larger is none, and gets replaced. */
const MAX_TEXT_BYTES = 10_000_000;
const NO_REFS: Refs = { branches: new Map(), tags: new Map(), pullRequests: new Map() };

export interface SurveyOptions {
  readonly repo: string;
  readonly branch?: string | undefined;
  readonly pullRequest?: boolean | undefined;
}

/** Asks the Hub all that can be known before the first write, permission first. */
export async function surveyHub(
  hub: Hub,
  dir: string,
  payload: Payload,
  options: SurveyOptions,
): Promise<RemoteState> {
  const { repo, branch = MAIN, pullRequest = false } = options;
  const access = await askAccess(hub, repo, pullRequest);
  const warnings = await hub.validateCard(payload.card);
  const refs = access.exists ? await hub.readRefs() : NO_REFS;
  const pull = pullRequest
    ? { number: (await findOwnPull(hub, access.account?.name))?.num ?? null }
    : undefined;
  const target: Target = { branch, pull };
  const own = findTarget(target, refs);
  const head = own ?? refs.branches.get(target.pull === undefined ? MAIN : branch) ?? null;
  const files = head === null ? [] : await hub.listTree(head);
  const oids = await hashForComparison(dir, payload.files, files);
  const modes =
    head === null
      ? new Map<string, UploadMode>()
      : await askModes(hub, repo, dir, payload.files, {
          revision: own === undefined ? (target.pull === undefined ? MAIN : branch) : nameOf(target),
          pull: target.pull?.number === null,
        });
  const report = head === null ? undefined : await readRemoteReport(hub, head, files);
  const there = files.find((file) => file.path === REPORT_FILE);
  const local = payload.files.find((file) => file.path === REPORT_FILE);
  const hasSameBytes = local !== undefined && there !== undefined && holdsSameBytes(local, there, oids);
  return {
    exists: access.exists,
    account: access.account?.name,
    target,
    head,
    targetExists: own !== undefined,
    refs,
    settings: access.settings,
    files,
    oids,
    modes,
    sameReport:
      hasSameBytes ||
      (payload.report !== null && report !== undefined && isSameReport(payload.report, report)),
    report,
    statements: head === null ? new Map() : await readStatements(hub, head, files, payload),
    card: head === null ? undefined : await readSmall(hub, head, files, CARD_FILE),
    warnings,
  };
}

/** The revision that commits to this target go to. */
export function nameOf({ branch, pull }: Target): string {
  return pull === undefined ? branch : `refs/pr/${pull.number}`;
}

function findTarget(target: Target, { branches, pullRequests }: Refs): string | undefined {
  return target.pull === undefined ? branches.get(target.branch) : pullRequests.get(nameOf(target));
}

async function askModes(
  hub: Hub,
  repo: string,
  dir: string,
  files: readonly LockedFile[],
  where: { readonly revision: string; readonly pull: boolean },
): Promise<ReadonlyMap<string, UploadMode>> {
  const questions = await Promise.all(
    files.map(async ({ path, size }) => ({ path, size, sample: await readSample(join(dir, path)) })),
  );
  const { modes, ignored } = await hub.askUploadModes(questions, where);
  if (ignored.length > 0) {
    throw new HubwrightError('HUB_REFUSED', `the .gitignore of ${repo} shuts out ${listNames(ignored)}`, {
      hint: 'mend .gitignore on the Hub, then run the same command again',
    });
  }
  return modes;
}

async function readSample(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    return buffer.toString('base64', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Another version's report, or somebody's own file of that name, is simply not one. */
async function readRemoteReport(
  hub: Hub,
  head: string,
  files: readonly RemoteFile[],
): Promise<VerificationReport | undefined> {
  const text = await readSmall(hub, head, files, REPORT_FILE);
  try {
    return text === undefined ? undefined : parseReport(text);
  } catch {
    return undefined;
  }
}

/** The Hub's statements that this bundle would leave there: one of its own takes the other's place. */
async function readStatements(
  hub: Hub,
  head: string,
  files: readonly RemoteFile[],
  payload: Payload,
): Promise<StatementTexts> {
  const has = (list: readonly { readonly path: string }[], path: string) =>
    list.some((file) => file.path === path);
  const left = STATEMENT_FILES.filter((path) => has(files, path) && !has(payload.files, path));
  return new Map(
    await Promise.all(left.map(async (path) => [path, await readSmall(hub, head, files, path)] as const)),
  );
}

async function readSmall(
  hub: Hub,
  head: string,
  files: readonly RemoteFile[],
  path: string,
): Promise<string | undefined> {
  const there = files.find((file) => file.path === path);
  if (there === undefined || there.size > MAX_TEXT_BYTES) return undefined;
  return hub.readText(head, path);
}
