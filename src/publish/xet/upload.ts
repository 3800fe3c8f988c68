import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedFile } from '../../bundle.ts';
import { HubwrightError } from '../../errors.ts';
import { formatBytes } from '../../formats/shown-bytes.ts';
import { createXetHasher, isQueryable, type XetHasher } from '../../formats/xet/hash.ts';
import type { UploadOffer } from '../hub-answers.ts';
import type { Hub } from '../hub-client.ts';
import { stopIfAborted } from '../hub-failure.ts';
import { changedFile, type UploadOptions } from '../large-file.ts';
import { runInParallel } from '../parallel.ts';
import { PATIENCE } from '../patience.ts';
import { chunkFile, type FileChunk } from './chunk-file.ts';
import { type ContentStore, findGrant, openContentStore, type XetGrant } from './content-store.ts';
import { encodeShard } from './encode-shard.ts';
import { createKnownChunks, type KnownChunks } from './known-chunks.ts';
import { planFile } from './plan-file.ts';
import { countXorbBytes, streamXorb } from './xorb-stream.ts';

const PARALLEL_XORBS = 3;
const PARALLEL_QUESTIONS = 4;

/** A file and what the Hub offers for it. */
export interface OfferedFile {
  readonly file: LockedFile;
  readonly offer: UploadOffer | undefined;
}

/**
 * Sends files over Xet: each is cut into chunks by its content, and only chunks that the Hub's content store does not
 * have are sent.
 *
 * @returns the files that have to go another way: those with no offer over Xet, and, said in a note, those that the content
 * store did not take
 * @throws HubwrightError NOT_VERIFIED when a file changes meanwhile, ABORTED
 */
export async function sendOverXet(
  hub: Hub,
  dir: string,
  offered: readonly OfferedFile[],
  options: UploadOptions,
): Promise<LockedFile[]> {
  const waiting: LockedFile[] = [];
  const others: LockedFile[] = [];
  let grant: XetGrant | undefined;
  for (const { file, offer } of offered) {
    const found = findGrant(offer);
    grant ??= found;
    (found === undefined ? others : waiting).push(file);
  }
  if (grant === undefined) return others;
  try {
    const slowAnswerMs = options.patience?.slowAnswerMs ?? PATIENCE.slowAnswerMs;
    const store = openContentStore(hub, grant, slowAnswerMs);
    const work = {
      store,
      known: createKnownChunks(),
      hasher: await createXetHasher(),
      reuse: hub.connection.ownFetch,
    };
    for (let [file] = waiting; file !== undefined; [file] = waiting) {
      await sendFile(dir, file, work, options);
      waiting.shift();
    }
  } catch (error) {
    if (!(error instanceof HubwrightError) || !PASSABLE.has(error.code)) throw error;
    options.onProgress?.({ kind: 'note', message: `${error.message}; sending over LFS instead` });
  }
  return [...waiting, ...others];
}

/** Failures of the content store, which is another server than the Hub: LFS may still work. */
const PASSABLE: ReadonlySet<string> = new Set(['HUB_REFUSED', 'HUB_CONFLICT', 'HUB_UNREACHABLE']);

interface Work {
  readonly store: ContentStore;
  readonly known: KnownChunks;
  readonly hasher: XetHasher;
  /** As in xorb-stream.ts. */
  readonly reuse: boolean;
}

async function sendFile(dir: string, file: LockedFile, work: Work, options: UploadOptions): Promise<void> {
  const opened = await open(join(dir, file.path));
  try {
    await sendOpened(opened, file, work, options);
  } finally {
    await opened.close();
  }
}

async function sendOpened(
  opened: FileHandle,
  file: LockedFile,
  { store, known, hasher, reuse }: Work,
  { onBytes, onProgress, signal }: UploadOptions,
): Promise<void> {
  const doing = `send ${file.path}`;
  const chunks = await chunkFile(opened, hasher, () => stopIfAborted(signal, doing));
  if (chunks.reduce((sum, { length }) => sum + length, 0) !== file.size) throw changedFile(file);
  await askAbout(chunks, store, known);
  const plan = planFile(chunks, known, hasher);

  const fresh = plan.xorbs.flatMap((xorb) => xorb.chunks).reduce((sum, { length }) => sum + length, 0);
  let counted = file.size - fresh;
  const count = (bytes: number): void => {
    counted += bytes;
    if (bytes !== 0) onBytes(bytes);
  };
  onBytes(counted);
  if (counted > 0) {
    onProgress?.({ kind: 'note', message: describeSaving(file, fresh) });
  }
  try {
    await runInParallel(PARALLEL_XORBS, plan.xorbs, ({ hash, chunks: part }) => {
      let sent = 0;
      return store.sendXorb(hash, countXorbBytes(part), (alive) => {
        // Another try begins at the first byte.
        count(-sent);
        sent = 0;
        return streamXorb({ file: opened, chunks: part, reuse }, (length) => {
          alive();
          sent += length;
          count(length);
        });
      });
    });
    await store.sendShard(encodeShard(plan, file.sha256));
  } catch (error) {
    // It is sent another way, from the beginning.
    onBytes(-counted);
    throw error;
  }
  for (const xorb of plan.xorbs) {
    known.addSent(
      xorb.hash,
      xorb.chunks.map(({ hash }) => hash),
    );
  }
}

/** Asks for the chunks that the content store tells of: a file's first, and one in 1024. Each answer tells of many. */
async function askAbout(
  chunks: readonly FileChunk[],
  store: ContentStore,
  known: KnownChunks,
): Promise<void> {
  const ask = async ({ hash }: FileChunk): Promise<void> => {
    if (known.find(hash) !== undefined) return;
    const shard = await store.askChunk(hash);
    if (shard !== undefined) await known.addTold(shard);
  };
  const [first, ...rest] = chunks;
  if (first === undefined) return;
  await ask(first);
  await runInParallel(
    PARALLEL_QUESTIONS,
    rest.filter(({ hash }) => isQueryable(hash)),
    ask,
  );
}

function describeSaving({ path, size }: LockedFile, fresh: number): string {
  return `${path}: ${formatBytes(fresh)} of ${formatBytes(size)} are new to the Hub`;
}
