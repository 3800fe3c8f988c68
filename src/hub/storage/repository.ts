import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openXetFileStore, type XetFileStore } from '../xet/file-store.ts';
import type { XorbStore } from '../xet/xorb-store.ts';
import { type DiscussionStore, openDiscussionStore } from './discussions.ts';
import { writeDurably } from './durable-file.ts';
import { type LfsStore, openLfsStore } from './lfs-store.ts';
import { type ObjectStore, openObjectStore } from './object-store.ts';
import { type Refs, readRefs, writeRefs } from './refs.ts';

/** What a repository is, apart from its content. Kept in `repo.json`. */
export interface RepositoryMeta {
  /** 24 hex digits, as the Hub's own database ids. */
  readonly _id: string;
  readonly namespace: string;
  readonly name: string;
  readonly private: boolean;
  readonly gated: false | 'auto' | 'manual';
  /** ISO 8601. */
  readonly createdAt: string;
}

/** One model repository on disk: `repo.json`, `git/` (a bare git repository), `lfs/`, `xet/`, `discussions/`. */
export interface Repository {
  /** `namespace/name` in lower case: the Hub's names differ by more than case. */
  readonly key: string;
  /** `namespace/name` as it was created. */
  readonly id: string;
  readonly meta: RepositoryMeta;
  readonly objects: ObjectStore;
  readonly lfs: LfsStore;
  readonly xetFiles: XetFileStore;
  readonly discussions: DiscussionStore;
  readRefs(): Promise<Refs>;
  /** Replaces all refs by what `change` makes of them. Changes to one repository run one after another. */
  updateRefs(change: (refs: Refs) => Refs): Promise<void>;
  updateMeta(change: Partial<Pick<RepositoryMeta, 'private' | 'gated'>>): Promise<void>;
}

/** Serialises the work done under one key; a failure does not stop what waits behind it. */
export type Sequencer = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Reads `repo.json`; `undefined` when there is no repository in the folder. */
export async function readMeta(folder: string): Promise<RepositoryMeta | undefined> {
  const text = await readFile(join(folder, 'repo.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RepositoryMeta);
}

export function openRepository(
  folder: string,
  meta: RepositoryMeta,
  temporaryFolder: string,
  inSequence: Sequencer,
  xorbs: XorbStore,
): Repository {
  const git = join(folder, 'git');
  const id = `${meta.namespace}/${meta.name}`;
  const key = id.toLowerCase();
  const xetFiles = openXetFileStore(join(folder, 'xet'), temporaryFolder);
  return {
    key,
    id,
    meta,
    objects: openObjectStore(join(git, 'objects'), temporaryFolder),
    lfs: openLfsStore(join(folder, 'lfs'), temporaryFolder, xetFiles, xorbs),
    xetFiles,
    discussions: openDiscussionStore(join(folder, 'discussions'), temporaryFolder, (work) =>
      inSequence(`${key} discussions`, work),
    ),
    readRefs: () => readRefs(git),
    updateRefs: (change) =>
      inSequence(key, async () => writeRefs(git, change(await readRefs(git)), temporaryFolder)),
    updateMeta: (change) =>
      inSequence(key, async () => {
        const next = { ...((await readMeta(folder)) ?? meta), ...change };
        await writeDurably(join(folder, 'repo.json'), Buffer.from(JSON.stringify(next)), temporaryFolder);
      }),
  };
}
