import { createHash } from 'node:crypto';
import { access, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, deflate, inflate } from 'node:zlib';
import { writeDurably } from './durable-file.ts';
import { createGate, OPEN_FILES } from './gate.ts';
import {
  type Commit,
  decodeCommit,
  decodeTree,
  frameObject,
  type ObjectKind,
  type TreeRow,
} from './git-object.ts';

const compress = promisify(deflate);
const decompress = promisify(inflate);

// Enough compressed bytes to hold an object's header and a whole LFS pointer.
const PEEK_BYTES = 4096;
const POINTER_BYTES = 1024;
const CACHED_OBJECTS = 1024;

/** A size, and the first bytes of the content. */
export interface BlobPeek {
  readonly size: number;
  readonly head: Buffer;
}

/** A repository's git objects, in git's own loose format: `git fsck` and `git cat-file` work on the folder. */
export interface ObjectStore {
  /** Stores an object unless it is there, and returns its id. On return it is on disk. */
  write(kind: ObjectKind, body: Uint8Array): Promise<string>;
  readBlob(oid: string): Promise<Buffer>;
  peekBlob(oid: string): Promise<BlobPeek>;
  readTree(oid: string): Promise<readonly TreeRow[]>;
  /** `undefined` when there is no such object, or it is not a commit. */
  readCommit(oid: string): Promise<Commit | undefined>;
  /** Ids that start with `prefix` (at least two hex digits), of any kind. */
  findPrefix(prefix: string): Promise<string[]>;
}

export function openObjectStore(folder: string, temporaryFolder: string): ObjectStore {
  const pathOf = (oid: string) => join(folder, oid.slice(0, 2), oid.slice(2));
  const inTurn = createGate(OPEN_FILES);
  // Objects never change, so what was read once stays true.
  const trees = createCache<readonly TreeRow[]>();
  const commits = createCache<Commit | 'no commit'>();
  const peeks = createCache<BlobPeek>();

  async function read(oid: string): Promise<{ kind: string; body: Buffer }> {
    const framed = await decompress(await inTurn(() => readFile(pathOf(oid))));
    if (createHash('sha1').update(framed).digest('hex') !== oid)
      throw new Error(`object ${oid} is damaged on disk`);
    const end = framed.indexOf(0);
    return { kind: framed.toString('latin1', 0, framed.indexOf(0x20)), body: framed.subarray(end + 1) };
  }

  return {
    async write(kind, body) {
      const framed = frameObject(kind, body);
      const oid = createHash('sha1').update(framed).digest('hex');
      const path = pathOf(oid);
      if (!(await exists(path))) {
        const compressed = await compress(framed);
        await inTurn(() => writeDurably(path, compressed, temporaryFolder));
      }
      return oid;
    },
    async readBlob(oid) {
      return (await read(oid)).body;
    },
    peekBlob: (oid) => peeks(oid, () => inTurn(() => peek(pathOf(oid)))),
    readTree: (oid) => trees(oid, async () => decodeTree((await read(oid)).body)),
    async readCommit(oid) {
      if (!(await exists(pathOf(oid)))) return undefined;
      const commit = await commits(oid, async () => {
        const { kind, body } = await read(oid);
        return kind === 'commit' ? decodeCommit(body) : 'no commit';
      });
      return commit === 'no commit' ? undefined : commit;
    },
    async findPrefix(prefix) {
      const names = await readdir(join(folder, prefix.slice(0, 2))).catch(() => []);
      return names.map((name) => prefix.slice(0, 2) + name).filter((oid) => oid.startsWith(prefix));
    },
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function peek(path: string): Promise<BlobPeek> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PEEK_BYTES), 0, PEEK_BYTES, 0);
    // The stream is cut off on purpose; a sync flush gives what is there instead of an error.
    const start = await decompress(buffer.subarray(0, bytesRead), { finishFlush: constants.Z_SYNC_FLUSH });
    const end = start.indexOf(0);
    const size = Number(start.toString('latin1', start.indexOf(0x20) + 1, end));
    return { size, head: Buffer.from(start.subarray(end + 1, end + 1 + POINTER_BYTES)) };
  } finally {
    await file.close();
  }
}

function createCache<T>(): (key: string, load: () => Promise<T>) => Promise<T> {
  const entries = new Map<string, T>();
  return async (key, load) => {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const value = await load();
    const oldest = entries.keys().next();
    if (entries.size >= CACHED_OBJECTS && !oldest.done) entries.delete(oldest.value);
    entries.set(key, value);
    return value;
  };
}
