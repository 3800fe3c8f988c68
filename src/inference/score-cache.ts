import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { decodeRecords, encodeRecords, RECORD_BYTES } from './score-records.ts';

export interface CacheKey {
  /** Digest of everything that the logit depends on besides the text: weights, graph, provider, runtime. */
  readonly model: string;
  /** The ids' sha256, as `Sequences.digest` gives it. */
  readonly ids: string;
  /** Whether it was computed beside others of its length; the last bit may depend on it. */
  readonly inCompany: boolean;
}

/** Logits that were computed before, by content. Not being able to read or write them is never an error. */
export interface ScoreCache {
  get(key: CacheKey): number | undefined;
  set(key: CacheKey, logit: number): void;
  /** Writes what is new, if the last time was a while ago; `now` writes it in any case. */
  save(when?: 'now'): Promise<void>;
}

export interface CacheOptions {
  /** All segments together; the ones not used for longest go first. */
  readonly maxBytes?: number;
}

/** Room for six million rows. */
const MAX_BYTES = 256 * 1024 * 1024;
/** More segments than this are joined to one. */
const MAX_SEGMENTS = 16;
const SAVE_INTERVAL_MS = 10_000;
const SEGMENT = /^[0-9a-f]{32}\.scores$/;

/**
 * Opens the cache in a folder. Each process writes segments of its own, whole and renamed into place, and reads all:
 * two processes never write one file, and the worst that a race can do is to compute something twice. Whoever can
 * write to the folder can forge scores; it is the user's own and closed to others.
 */
export async function openScoreCache(dir: string, options: CacheOptions = {}): Promise<ScoreCache> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const { known, segments } = await readSegments(dir, maxBytes);
  const fresh = new Map<string, number>();
  const own = `${randomBytes(16).toString('hex')}.scores`;
  let saved = { at: performance.now(), count: 0 };
  const used = new Set<string>();

  async function save(when?: 'now'): Promise<void> {
    if (when !== 'now' && performance.now() - saved.at < SAVE_INTERVAL_MS) return;
    const merge = when === 'now' && segments.length > MAX_SEGMENTS;
    if (fresh.size > saved.count || merge) {
      const records = merge ? [...[...known].map(([k, { logit }]) => [k, logit] as const), ...fresh] : fresh;
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await writeFileAtomic(join(dir, own), encodeRecords(records), { mode: 0o600 });
      if (merge) await removeAll(dir, segments);
    }
    saved = { at: performance.now(), count: fresh.size };
    if (when !== 'now') return;
    const now = new Date();
    if (!merge) for (const name of used) await utimes(join(dir, name), now, now).catch(() => {});
    await evict(dir, maxBytes, own);
  }
  return {
    get(key) {
      const name = nameRecord(key);
      const found = known.get(name);
      if (found !== undefined) used.add(found.segment);
      return found?.logit ?? fresh.get(name);
    },
    set(key, logit) {
      if (Number.isFinite(logit)) fresh.set(nameRecord(key), logit);
    },
    save: (when) => save(when).catch(() => {}),
  };
}

/** sha256 over all of the key, as a string of 32 code units below 256. */
function nameRecord({ model, ids, inCompany }: CacheKey): string {
  const hash = createHash('sha256').update(`${model} ${inCompany ? 'in company' : 'alone'} `);
  return hash.update(ids, 'latin1').digest().toString('latin1');
}

interface Known {
  readonly logit: number;
  readonly segment: string;
}

async function readSegments(dir: string, maxBytes: number) {
  const known = new Map<string, Known>();
  const segments = (await readdir(dir).catch(() => [])).filter((name) => SEGMENT.test(name)).sort();
  for (const segment of segments) {
    const path = join(dir, segment);
    const size = await stat(path).then(
      (stats) => stats.size,
      () => 0,
    );
    // Another process may have joined or evicted it meanwhile.
    const bytes = size > maxBytes ? undefined : await readFile(path).catch(() => undefined);
    for (const [name, logit] of decodeRecords(bytes)) known.set(name, { logit, segment });
  }
  return { known, segments };
}

async function evict(dir: string, maxBytes: number, own: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => SEGMENT.test(name));
  const found = await Promise.all(
    names.map(async (name) => ({ name, stats: await stat(join(dir, name)).catch(() => undefined) })),
  );
  const files = found
    .flatMap(({ name, stats }) =>
      stats === undefined ? [] : [{ name, size: stats.size, usedAt: stats.mtimeMs }],
    )
    .sort((a, b) => Number(b.name === own) - Number(a.name === own) || b.usedAt - a.usedAt);
  let total = 0;
  const surplus = files.filter(({ size }) => {
    total += Math.max(size, RECORD_BYTES);
    return total > maxBytes;
  });
  await removeAll(
    dir,
    surplus.map(({ name }) => name),
  );
}

async function removeAll(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(dir, name), { force: true });
}
