import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubwrightError } from '../errors.ts';
import { isInnerPath } from '../formats/inner-path.ts';
import { showText } from '../formats/shown-text.ts';
import type { StageOptions } from '../progress.ts';
import { startGitHash } from './git-hash.ts';
import { connectHub, type Hub } from './hub-client.ts';
import type { HubOptions } from './hub-connection.ts';
import { stopIfAborted } from './hub-failure.ts';
import { checkHubUrl } from './hub-url.ts';
import { checkRepo } from './names.ts';
import { PATIENCE } from './patience.ts';
import type { RemoteFile } from './remote-state.ts';
import { limitStall, meter } from './stall.ts';

export interface DownloadOptions
  extends StageOptions,
    Pick<HubOptions, 'repo' | 'hubUrl' | 'accessToken' | 'fetch'> {
  /** A branch, tag or commit. @default 'main' */
  readonly revision?: string | undefined;
}

/**
 * Downloads a model repository at one commit into an empty folder, and checks every file against the hash that the
 * Hub lists for it. Returns the commit.
 *
 * @throws HubwrightError USAGE, HUB_REFUSED, HUB_UNREACHABLE, or HUB_MISMATCH when what came is not what was listed
 */
export async function download(dir: string, options: DownloadOptions): Promise<string> {
  const { repo, onProgress, revision = 'main' } = options;
  checkRepo(repo);
  const hub = connectHub({ ...options, hubUrl: checkHubUrl(options.hubUrl) });
  onProgress?.({ kind: 'start', stage: 'download', message: `downloading ${repo} at ${revision}` });
  const commit = await hub.resolveRevision(revision);
  const files = await hub.listTree(commit);
  await fetchFiles(hub, dir, { ...options, commit, files });
  onProgress?.({ kind: 'done', stage: 'download', message: `${files.length} files of ${repo} at ${commit}` });
  return commit;
}

export interface FetchOptions extends StageOptions {
  readonly repo: string;
  readonly commit: string;
  /** The files to fetch, as the Hub lists them at that commit. */
  readonly files: readonly RemoteFile[];
}

/** Downloads some files of a commit into a folder, each checked against its listed hash. */
export async function fetchFiles(hub: Hub, dir: string, options: FetchOptions): Promise<void> {
  const { repo, commit, files, onProgress } = options;
  for (const [done, file] of files.entries()) {
    onProgress?.({ kind: 'advance', stage: 'download', done, total: files.length, unit: 'files' });
    if (!isInnerPath(file.path)) {
      throw new HubwrightError(
        'HUB_MISMATCH',
        `${repo} lists a file outside of itself: ${showText(file.path)}`,
      );
    }
    const content = await hub.openFile(commit, file.path);
    await store(join(dir, file.path), content, file, options.signal);
  }
}

/** Writes a stream to disk under a temporary name, and lets it have its own only when its hash is the listed one. */
async function store(
  path: string,
  content: ReadableStream<Uint8Array>,
  file: RemoteFile,
  outer: AbortSignal | undefined,
): Promise<void> {
  const hash = file.sha256 === undefined ? startGitHash(file.size) : createHash('sha256');
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.part`;
  await limitStall(PATIENCE.stallMs, outer, (signal, alive) => {
    const received = meter(content, (piece) => {
      alive();
      hash.update(piece);
    });
    const source = Readable.fromWeb(received as Parameters<typeof Readable.fromWeb>[0]);
    return pipeline(source, createWriteStream(draft), { signal });
  }).catch((cause: unknown) => {
    stopIfAborted(outer, `read ${file.path}`);
    throw new HubwrightError('HUB_UNREACHABLE', `the download of ${file.path} broke off`, {
      hint: 'run the same command again',
      cause,
    });
  });
  const expected = file.sha256 ?? file.gitOid;
  if (hash.digest('hex') !== expected) {
    throw new HubwrightError(
      'HUB_MISMATCH',
      `${file.path} came with another hash than the Hub lists for it`,
      {
        hint: 'run the same command again; if it stays so, the file was damaged on its way or on the Hub',
      },
    );
  }
  await rename(draft, path);
}
