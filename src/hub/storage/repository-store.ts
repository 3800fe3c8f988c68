import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { XetHasher } from '../../formats/xet/hash.ts';
import { isRepoName } from '../repo-name.ts';
import { openXorbStore, type XorbStore } from '../xet/xorb-store.ts';
import { moveDurably, writeDurably } from './durable-file.ts';
import { openForwarding } from './forwarding.ts';
import { createGate, OPEN_FILES } from './gate.ts';
import { openRepository, type Repository, type RepositoryMeta, readMeta } from './repository.ts';

// A crash leaves its temporary files behind; another server on the same folder may still be using younger ones.
const STALE_AFTER_MS = 24 * 3600 * 1000;

/** All repositories under one folder. Names are looked up in any case, as the Hub does. */
export interface RepositoryStore {
  /** Where half-written files live until they are moved into place; on the same file system as the rest. */
  readonly temporaryFolder: string;
  readonly xorbs: XorbStore;
  find(namespace: string, name: string): Promise<Repository | undefined>;
  /** The repository that had this name once and has another now. */
  findMoved(namespace: string, name: string): Promise<Repository | undefined>;
  list(): Promise<RepositoryMeta[]>;
  /** Creates a repository in one step: it appears with what `fill` put into it, or not at all. */
  create(
    meta: Omit<RepositoryMeta, '_id' | 'createdAt'>,
    fill: (repository: Repository) => Promise<void>,
  ): Promise<Repository>;
  remove(repository: Repository): Promise<void>;
  /** Gives a repository another name, and remembers the one it had. No repository may have the new one. */
  move(repository: Repository, namespace: string, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openRepositoryStore(dataDir: string, hasher: XetHasher): Promise<RepositoryStore> {
  const root = join(dataDir, 'repos');
  const temporaryFolder = join(dataDir, 'tmp', randomUUID());
  await mkdir(root, { recursive: true });
  await removeStale(join(dataDir, 'tmp'));
  await mkdir(temporaryFolder, { recursive: true });

  const folderOf = (namespace: string, name: string) =>
    join(root, namespace.toLowerCase(), name.toLowerCase());
  const xorbs = openXorbStore(join(dataDir, 'xet'), temporaryFolder, hasher);
  const forwarding = openForwarding(join(dataDir, 'moved'), temporaryFolder);
  const inSequence = createSequencer();
  const inTurn = createGate(OPEN_FILES);
  // An open repository caches immutable objects; what changes (repo.json, refs) is read anew each time.
  const opened = new Map<string, Repository>();
  const openAt = (folder: string, meta: RepositoryMeta) =>
    openRepository(folder, meta, temporaryFolder, inSequence, xorbs);

  const store: RepositoryStore = {
    temporaryFolder,
    xorbs,
    async find(namespace, name) {
      // The only way from a request to a folder: what is no name ("..", "a/b") must not become a path.
      if (!isRepoName(namespace) || !isRepoName(name)) return undefined;
      const folder = folderOf(namespace, name);
      const written = await readMeta(folder);
      if (written === undefined) return undefined;
      const isMoved = folderOf(written.namespace, written.name) !== folder;
      const meta = isMoved ? { ...written, namespace, name } : written;
      const known = opened.get(meta._id);
      if (known !== undefined) return { ...known, meta };
      const repository = openAt(folder, meta);
      opened.set(meta._id, repository);
      return repository;
    },
    async findMoved(namespace, name) {
      if (!isRepoName(namespace) || !isRepoName(name)) return undefined;
      for await (const next of forwarding.follow({ namespace, name })) {
        const repository = await store.find(next.namespace, next.name);
        if (repository !== undefined) return repository;
      }
      return undefined;
    },
    async list() {
      const namespaces = await readdir(root);
      const folders = await Promise.all(
        namespaces.map(async (namespace) =>
          (await readdir(join(root, namespace)).catch(() => [])).map((name) => join(root, namespace, name)),
        ),
      );
      const metas = await Promise.all(folders.flat().map((folder) => inTurn(() => readMeta(folder))));
      return metas
        .filter((meta) => meta !== undefined)
        .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
    },
    async create(wanted, fill) {
      const meta = { ...wanted, _id: randomBytes(12).toString('hex'), createdAt: new Date().toISOString() };
      const draft = join(temporaryFolder, meta._id);
      const folder = folderOf(meta.namespace, meta.name);
      try {
        await layOut(draft);
        await writeDurably(join(draft, 'repo.json'), Buffer.from(JSON.stringify(meta)), temporaryFolder);
        await fill(openAt(draft, meta));
        // What lies here without a repo.json came from an upload that a deletion overtook.
        await rm(folder, { recursive: true, force: true });
        await moveDurably(draft, folder);
        await forwarding.forget(meta);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
      return openAt(folder, meta);
    },
    async remove(repository) {
      const folder = folderOf(repository.meta.namespace, repository.meta.name);
      const grave = join(temporaryFolder, randomUUID());
      opened.delete(repository.meta._id);
      await rename(folder, grave);
      await rm(grave, { recursive: true, force: true });
    },
    async move(repository, namespace, name) {
      const { meta } = repository;
      const folder = folderOf(namespace, name);
      opened.delete(meta._id);
      // A name that is taken is found before it is looked up there: this may come first.
      await forwarding.remember(meta, { namespace, name });
      await moveDurably(folderOf(meta.namespace, meta.name), folder);
      // After a crash just here the folder has the new name already, and the folder is what counts.
      const next = Buffer.from(JSON.stringify({ ...meta, namespace, name }));
      await writeDurably(join(folder, 'repo.json'), next, temporaryFolder);
      await forwarding.forget({ namespace, name });
    },
    close: () => rm(temporaryFolder, { recursive: true, force: true }),
  };
  return store;
}

/** The folders and files that make git take a folder for a bare repository. */
async function layOut(folder: string): Promise<void> {
  const git = join(folder, 'git');
  await mkdir(join(git, 'objects'), { recursive: true });
  await mkdir(join(git, 'refs'));
  await writeFile(join(git, 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(join(git, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  await writeFile(join(git, 'packed-refs'), '');
}

function createSequencer(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const result = (tails.get(key) ?? Promise.resolve()).then(work);
    const tail = result.catch(() => undefined);
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    return result;
  };
}

async function removeStale(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
