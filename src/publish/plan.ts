import { type LockedFile, REPORT_FILE } from '../bundle.ts';
import { writeCommitMessage } from './commit-message.ts';
import type { Gating } from './hub-client.ts';
import type { Payload } from './payload.ts';
import { chooseStale, type Prune } from './prune.ts';
import { compareMetrics, diffCards, type MetricChange } from './published.ts';
import { holdsSameBytes, type RemoteFile, type RemoteState, type UploadMode } from './remote-state.ts';
import { findStaleStatements } from './stale-statements.ts';

export interface PlannedFile {
  readonly path: string;
  readonly action: 'add' | 'update' | 'unchanged';
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** As the Hub said it; for a repository that is not there yet, as its defaults let expect. */
  readonly mode: UploadMode;
}

/** A file that is on the Hub and not in the bundle, and is to go. */
export interface PlannedDeletion {
  readonly path: string;
  readonly action: 'delete';
  /** Bytes. */
  readonly size: number;
  /** Null for a file that the Hub keeps in Git itself. */
  readonly sha256: string | null;
  readonly mode: UploadMode;
  /** Why it goes, in a few words. */
  readonly reason: string;
}

/** What becomes of something; `from` is null where there is no repository yet. */
export interface Change<T> {
  readonly from: T | null;
  /** Null leaves it as it is, or to the Hub's default. */
  readonly to: T | null;
}

/** What a publish would do. Plain JSON; made without a single write. */
export interface PublishPlan {
  readonly repo: string;
  readonly url: string;
  /** Where the commit goes; with a pull request, the branch that it asks to be merged into. */
  readonly branch: string;
  readonly createBranch: boolean;
  /** Set when the commit goes into a pull request; `number` is null while that has to be opened. */
  readonly pullRequest: { readonly number: number | null } | null;
  /** The commit that the plan was made against; null when the repository is not there yet. */
  readonly head: string | null;
  readonly createRepo: boolean;
  readonly visibility: Change<'private' | 'public'>;
  readonly gated: Change<Gating>;
  /** False when it goes out without a passing report for exactly these files. */
  readonly verified: boolean;
  readonly rootDigest: string;
  /** In path order. */
  readonly files: readonly PlannedFile[];
  readonly deleted: readonly PlannedDeletion[];
  /** Files on the Hub that the bundle does not have, and that stay. */
  readonly kept: readonly string[];
  /** Bytes of the files to add and update. */
  readonly uploadBytes: number;
  /** Each metric as it is published and as it will be. */
  readonly metrics: readonly MetricChange[];
  /** What changes in README.md, as `diff -u` shows it; empty when nothing does. */
  readonly cardDiff: string;
  readonly tag: string | null;
  readonly title: string;
  readonly description: string;
  readonly warnings: readonly string[];
}

/** The options of a publish that its plan depends on. */
export interface PlanOptions {
  readonly repo: string;
  readonly hubUrl: string;
  readonly private?: boolean | undefined;
  readonly gated?: Gating | undefined;
  readonly prune?: Prune | undefined;
  readonly tag?: string | undefined;
  readonly message?: string | undefined;
}

/** Lays a bundle beside what the Hub has. Pure: same input, same plan. */
export function makePlan(
  payload: Pick<Payload, 'files' | 'lock' | 'report' | 'card'>,
  there: RemoteState,
  options: PlanOptions,
): PublishPlan {
  const { files: local, lock, report, card } = payload;
  const { files, others } = planFiles(local, there);
  const changed = changedFiles({ files });
  const locked = new Set(lock.files.map(({ path }) => path));
  const pruned = chooseStale(others, there.report, options.prune);
  const unchanged = files.filter(({ action }) => action === 'unchanged');
  const staying = [...unchanged, ...others].map(({ path }) => path).filter((path) => !pruned.has(path));
  const reasons = new Map([
    ...pruned,
    ...findStaleStatements(
      there.statements,
      lock,
      changed.some(({ path }) => locked.has(path)),
      new Set(staying),
    ),
  ]);
  const deleted = others.flatMap((file) => planDeletion(file, reasons.get(file.path)));
  const kept = others.map(({ path }) => path).filter((path) => !reasons.has(path));
  const { visibility, warnings } = planVisibility(there, options.private);
  const staleReport = report === null && kept.includes(REPORT_FILE);
  return {
    repo: options.repo,
    url: `${options.hubUrl}/${options.repo}`,
    branch: there.target.branch,
    createBranch: there.target.pull === undefined && !there.targetExists && there.target.branch !== 'main',
    pullRequest: there.target.pull ?? null,
    head: there.head,
    createRepo: !there.exists,
    visibility,
    gated: planGating(there, options.gated),
    verified: report !== null,
    rootDigest: lock.rootDigest,
    files,
    deleted,
    kept,
    uploadBytes: changed.reduce((sum, file) => sum + file.size, 0),
    metrics: compareMetrics(there, { card, report }),
    cardDiff: diffCards(there.card, card),
    tag: options.tag ?? null,
    ...writeCommitMessage({
      message: options.message,
      changed: changed.length + deleted.length,
      rootDigest: lock.rootDigest,
      report,
    }),
    warnings: [
      ...(report === null ? ['these files go out without a passing verification of exactly them'] : []),
      ...(staleReport ? [`the ${REPORT_FILE} on the Hub stays, and is about other files`] : []),
      ...warnings,
      ...there.warnings,
    ],
  };
}

/** One decision a file, and the Hub's files about which nothing is to be decided here. */
function planFiles(
  files: readonly LockedFile[],
  state: RemoteState,
): { files: PlannedFile[]; others: RemoteFile[] } {
  const left = new Map(state.files.map((file) => [file.path, file]));
  const planned = files.map((file): PlannedFile => {
    const there = left.get(file.path);
    left.delete(file.path);
    const same =
      there !== undefined &&
      (holdsSameBytes(file, there, state.oids) || (file.path === REPORT_FILE && state.sameReport));
    const action = there === undefined ? 'add' : same ? 'unchanged' : 'update';
    const mode = state.modes.get(file.path) ?? (there === undefined ? expectMode(file) : modeOf(there));
    return { path: file.path, action, size: file.size, sha256: file.sha256, mode };
  });
  return { files: sortByPath(planned), others: sortByPath([...left.values()]) };
}

/** Nothing for a file that stays, for want of a reason. */
export function planDeletion(file: RemoteFile, reason: string | undefined): PlannedDeletion[] {
  const { path, size, sha256 = null } = file;
  return reason === undefined ? [] : [{ path, action: 'delete', size, sha256, mode: modeOf(file), reason }];
}

/** A repository is made private when that is asked for; a private one is never laid open by the way. */
function planVisibility(
  { exists, settings }: RemoteState,
  wanted: boolean | undefined,
): { visibility: PublishPlan['visibility']; warnings: string[] } {
  const word = (isPrivate: boolean) => (isPrivate ? 'private' : 'public');
  const to = wanted === undefined ? null : word(wanted);
  if (!exists || settings === undefined) return { visibility: { from: null, to }, warnings: [] };
  const from = word(settings.private);
  if (from === 'private' && to === 'public') {
    const warnings = ['the repository is private and stays so: make it public in its settings on the Hub'];
    return { visibility: { from, to: null }, warnings };
  }
  return { visibility: { from, to: from === to ? null : to }, warnings: [] };
}

function planGating({ settings }: RemoteState, wanted: Gating | undefined): PublishPlan['gated'] {
  const from = settings?.gated ?? null;
  return { from, to: wanted === undefined || wanted === (from ?? false) ? null : wanted };
}

/** The files that a commit would carry. */
export function changedFiles(plan: Pick<PublishPlan, 'files'>): PlannedFile[] {
  return plan.files.filter((file) => file.action !== 'unchanged');
}

/** Whether a commit is needed. */
export function needsCommit(plan: Pick<PublishPlan, 'files' | 'deleted'>): boolean {
  return plan.deleted.length > 0 || changedFiles(plan).length > 0;
}

/** Whether the repository's settings have to change, where there is one. */
export function needsSettings({ visibility, gated }: Pick<PublishPlan, 'visibility' | 'gated'>): boolean {
  return visibility.to !== null || gated.to !== null;
}

/** Above this the Hub takes no file into Git itself. https://huggingface.co/docs/hub/storage-limits */
const MAX_REGULAR_BYTES = 10_000_000;

/** The model formats of the `.gitattributes` that the Hub puts into a new repository, and pictures, which are binary. */
const LFS_BY_DEFAULT =
  /\.(7z|arrow|bin|bz2|ckpt|ftz|gz|h5|jpe?g|joblib|mlmodel|model|msgpack|np[yz]|onnx|ot|parquet|pb|pickle|pkl|png|pth?|rar|safetensors|tar|tflite|tgz|wasm|webp|xz|zip|zst)$/i;

function expectMode(file: LockedFile): UploadMode {
  return file.size > MAX_REGULAR_BYTES || LFS_BY_DEFAULT.test(file.path) ? 'lfs' : 'regular';
}

function modeOf(there: RemoteFile): UploadMode {
  return there.sha256 === undefined ? 'regular' : 'lfs';
}

function sortByPath<T extends { readonly path: string }>(items: T[]): T[] {
  return items.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
