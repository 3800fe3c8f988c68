import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedFile } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { streamFile } from './file-stream.ts';
import type { UploadOffer } from './hub-answers.ts';
import type { Hub } from './hub-client.ts';
import type { Answer } from './hub-connection.ts';
import { changedFile, checkOffer, toPointer, type UploadOptions } from './large-file.ts';
import { runInParallel } from './parallel.ts';
import { PATIENCE, waitToRepeat } from './patience.ts';

const PARALLEL_FILES = 3;
/** Node reads files in four threads: more parts than this wait for each other there. Measured with one to five. */
const PARALLEL_PARTS = 3;
const LFS_JSON = 'application/vnd.git-lfs+json';

/**
 * Sends files over LFS: only those objects that the Hub does not have, straight from disk, and each checked by the Hub
 * when it has arrived. The sha256 of the lock is used; nothing is hashed again.
 *
 * @throws HubwrightError HUB_REFUSED, HUB_UNREACHABLE, NOT_VERIFIED when a file changes meanwhile
 */
export async function sendOverLfs(
  hub: Hub,
  dir: string,
  files: readonly LockedFile[],
  options: UploadOptions,
): Promise<void> {
  if (files.length === 0) return;
  const offers = await hub.offerUploads(files.map(toPointer), options.branch);
  const offered = new Map(offers.map((offer) => [offer.oid, offer]));
  await runInParallel(PARALLEL_FILES, files, (file) =>
    uploadFile(hub, dir, file, offered.get(file.sha256), options),
  );
}

async function uploadFile(
  hub: Hub,
  dir: string,
  file: LockedFile,
  first: UploadOffer | undefined,
  options: UploadOptions,
): Promise<void> {
  const { tries } = { ...PATIENCE, ...options.patience };
  let offer = first;
  for (let offers = 1; ; offers += 1) {
    checkOffer(file, offer);
    if (offer?.actions?.upload === undefined) {
      // The Hub has it: sent earlier, or by the try whose answer was lost.
      return;
    }
    const refused = await transfer(hub, dir, file, offer.actions, options);
    if (refused === undefined) return;
    if (offers >= tries) throw refused;
    if (refused.code === 'HUB_UNREACHABLE') await waitToRepeat(refused.message, offers, options);
    [offer] = await hub.offerUploads([toPointer(file)], options.branch);
  }
}

/** Sends one object the way that was offered. Returns the refusal after which another offer may help. */
async function transfer(
  hub: Hub,
  dir: string,
  file: LockedFile,
  actions: NonNullable<UploadOffer['actions']>,
  options: UploadOptions,
): Promise<HubwrightError | undefined> {
  const opened = await open(join(dir, file.path));
  try {
    if ((await opened.stat()).size !== file.size) throw changedFile(file);
    return await sendOpened(hub, opened, file, actions, options);
  } finally {
    await opened.close();
  }
}

async function sendOpened(
  hub: Hub,
  opened: FileHandle,
  file: LockedFile,
  { upload, verify }: NonNullable<UploadOffer['actions']>,
  options: UploadOptions,
): Promise<HubwrightError | undefined> {
  if (upload === undefined) return undefined;
  const { connection } = hub;
  let sent = 0;
  const put: Put = (url, from, to, repeatable) => {
    let part = 0;
    return connection.exchange(`upload ${file.path}`, url, {
      method: 'PUT',
      anonymous: true,
      repeatable,
      headers: { 'Content-Length': String(to - from) },
      body: (alive) => {
        // Another try begins at the first byte.
        count(-part);
        part = 0;
        return streamFile(opened, { from, to, reuse: connection.ownFetch }, (length) => {
          alive();
          part += length;
          count(length);
        });
      },
    });
  };
  const count = (bytes: number): void => {
    sent += bytes;
    if (bytes !== 0) options.onBytes(bytes);
  };
  const refused = await sendBytes(hub, file, upload, put, options);
  const missing = refused ?? (await confirmArrival(hub, file, verify));
  if (missing !== undefined) count(-sent);
  return missing;
}

type Put = (url: string, from: number, to: number, repeatable: boolean) => Promise<Answer>;

async function sendBytes(
  hub: Hub,
  file: LockedFile,
  { href, header = {} }: { href: string; header?: Record<string, string> | undefined },
  put: Put,
  { patience }: UploadOptions,
): Promise<HubwrightError | undefined> {
  if (header.chunk_size === undefined) {
    // Not repeated as it is: it may have arrived although the answer did not. A new offer tells.
    return failureOf(() => put(href, 0, file.size, false));
  }
  const size = Number(header.chunk_size);
  const urls = Object.keys(header)
    .filter((key) => /^\d+$/.test(key))
    .sort()
    .map((key) => header[key] ?? '');
  if (!(size > 0) || urls.length !== Math.ceil(file.size / size)) {
    throw new HubwrightError('HUB_UNREACHABLE', `the Hub asks for ${file.path} in parts that do not add up`);
  }
  const answers = await runInParallel(PARALLEL_PARTS, urls, async (url, index) => {
    const answer = await put(url, index * size, Math.min(file.size, (index + 1) * size), true);
    return { answer, etag: answer.headers.get('ETag') ?? '' };
  });
  const refused = answers.find(({ answer }) => !answer.ok);
  if (refused !== undefined) return refused.answer.refusal();
  const parts = answers.map(({ etag }, index) => ({ partNumber: index + 1, etag }));
  const doing = `join the parts of ${file.path}`;
  // Not repeated as it is: a second request for parts that are joined already is refused. A new offer tells.
  return failureOf(() =>
    hub.connection.exchange(doing, href, {
      method: 'POST',
      anonymous: true,
      headers: { Accept: LFS_JSON, 'Content-Type': LFS_JSON },
      json: { oid: file.sha256, parts },
      stallMs: patience?.slowAnswerMs ?? PATIENCE.slowAnswerMs,
    }),
  );
}

/** Asks the Hub whether an object has arrived whole, where it offers to tell. */
async function confirmArrival(
  hub: Hub,
  file: LockedFile,
  verify: { href: string; header?: Record<string, string> | undefined } | undefined,
): Promise<HubwrightError | undefined> {
  if (verify === undefined) return undefined;
  return failureOf(() =>
    hub.connection.exchange(`confirm that ${file.path} has arrived`, verify.href, {
      method: 'POST',
      repeatable: true,
      headers: { ...verify.header, Accept: LFS_JSON, 'Content-Type': LFS_JSON },
      json: toPointer(file),
    }),
  );
}

/** The error that a request ends in, whether it was answered or not; undefined when all is well. */
async function failureOf(request: () => Promise<Answer>): Promise<HubwrightError | undefined> {
  try {
    const answer = await request();
    return answer.ok ? undefined : answer.refusal();
  } catch (error) {
    if (error instanceof HubwrightError && error.code === 'HUB_UNREACHABLE') return error;
    throw error;
  }
}
