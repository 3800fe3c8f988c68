import { type LockedFile, REPORT_FILE } from '../bundle.ts';
import { writeCommitMessage } from './commit-message.ts';
import type { Payload } from './payload.ts';
import {
  BRANCH,
  holdsSameBytes,
  type RemoteFile,
  type RemoteState,
  type UploadMode,
} from './remote-state.ts';

export interface PlannedFile {
  readonly path: string;
  readonly action: 'add' | 'update' | 'unchanged';
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** As the Hub said it; for a repository that is not there yet, as its defaults let expect. */
  readonly mode: UploadMode;
}

/** What a publish would do. Plain JSON; made without a single write. */
export interface PublishPlan {
  readonly repo: string;
  readonly url: string;
  readonly branch: string;
  /** The branch's commit that the plan was made against; null when the repository is not there yet. */
  readonly head: string | null;
  readonly createRepo: boolean;
  /** Visibility of a repository to be created; null leaves it to the Hub's default. */
  readonly private: boolean | null;
  /** False when it goes out without a passing report for exactly these files. */
  readonly verified: boolean;
  readonly rootDigest: string;
  /** In path order. */
  readonly files: readonly PlannedFile[];
  /** Files on the Hub that the bundle does not have. They stay: publishing never deletes. */
  readonly kept: readonly string[];
  /** Bytes of the files to add and update. */
  readonly uploadBytes: number;
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
  readonly tag?: string | undefined;
  readonly message?: string | undefined;
}

/** Lays a bundle beside what the Hub has. Pure: same input, same plan. */
export function makePlan(
  { files: local, lock, report }: Pick<Payload, 'files' | 'lock' | 'report'>,
  there: RemoteState,
  options: PlanOptions,
): PublishPlan {
  const { files, kept } = planFiles(local, there);
  const changed = changedFiles({ files });
  const staleReport = report === null && kept.includes(REPORT_FILE);
  return {
    repo: options.repo,
    url: `${options.hubUrl}/${options.repo}`,
    branch: BRANCH,
    head: there.head,
    createRepo: !there.exists,
    private: options.private ?? null,
    verified: report !== null,
    rootDigest: lock.rootDigest,
    files,
    kept,
    uploadBytes: changed.reduce((sum, file) => sum + file.size, 0),
    tag: options.tag ?? null,
    ...writeCommitMessage({
      message: options.message,
      changed: changed.length,
      rootDigest: lock.rootDigest,
      report,
    }),
    warnings: [
      ...(report === null ? ['these files go out without a passing verification of exactly them'] : []),
      ...(staleReport ? [`the ${REPORT_FILE} on the Hub stays, and is about other files`] : []),
      ...there.warnings,
    ],
  };
}

/** One decision a file. */
function planFiles(
  files: readonly LockedFile[],
  state: RemoteState,
): { files: PlannedFile[]; kept: string[] } {
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
  return { files: planned.sort((a, b) => (a.path < b.path ? -1 : 1)), kept: [...left.keys()].sort() };
}

/** The files that a commit would carry. */
export function changedFiles(plan: Pick<PublishPlan, 'files'>): PlannedFile[] {
  return plan.files.filter((file) => file.action !== 'unchanged');
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
