import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { computeRootDigest, type Lock, listBundleFiles } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { formatJson } from '../formats/json.ts';
import type { DeviceChoice } from '../inference/device.ts';
import { activate, type Scores, type Shard, scoreShard } from '../inference/index.ts';
import type { StageOptions } from '../progress.ts';
import { VERSION } from '../version.ts';
import { readClaimedFiles } from './claimed-files.ts';
import { chooseDevice, describeEnvironment } from './measurement.ts';
import { mergeParts } from './merge.ts';
import { encodeLogits, namePart, type Part, readPart } from './parts.ts';
import { openSubject, type Subject } from './subject.ts';

export interface ShardOptions extends StageOptions, DeviceChoice {
  /** The folder that the part is written into. */
  readonly outDir: string;
  readonly cacheDir?: string | undefined;
}

export interface WrittenPart {
  readonly file: string;
  readonly part: Part;
  /** Distinct texts whose score came from the cache. */
  readonly cached: number;
}

/**
 * Scores one shard of a bundle's test split and writes `verification.part-i-of-n.json`. The rules are left to the
 * merge; here only the files must be those of the lock, so that parts of different bundles cannot meet.
 *
 * @throws HubwrightError NOT_VERIFIED when a file was changed, and as `scoreTexts`
 */
export async function verifyShard(dir: string, shard: Shard, options: ShardOptions): Promise<WrittenPart> {
  const { onProgress, signal, outDir } = options;
  const label = `part ${shard.index} of ${shard.count}`;
  onProgress?.({ kind: 'start', stage: 'verify', message: `verifying ${dir}, ${label}` });
  const lock = await readClaimedFiles(dir);
  const subject = openSubject(dir, await listBundleFiles(dir), lock, options);
  await checkFiles(dir, subject, lock);
  const { input } = await subject.config();
  await subject.runnable();
  const { readTexts } = await subject.split('test');
  const scored = await scoreShard(dir, readTexts, shard, {
    maxLength: input.maxLength,
    onAdvance: (progress) => onProgress?.({ kind: 'advance', stage: 'verify', unit: 'rows', ...progress }),
    signal,
    ...chooseDevice(options),
    decompose: subject.decompose,
    cache: await subject.findCache(),
  });
  const { rows, logits, whole, cachedTexts } = scored;
  const part: Part = {
    version: 1,
    tool: { name: 'hubwright', version: VERSION },
    partial: true,
    rootDigest: lock.rootDigest,
    shard: { index: shard.index, count: shard.count },
    environment: describeEnvironment(scored),
    inference: whole,
    rows: [...rows],
    logits: encodeLogits(logits),
  };
  const file = join(outDir, namePart(shard));
  await writeFileAtomic(file, formatJson(part)).catch((cause: unknown) => {
    throw new HubwrightError('OUTPUT', `${file} cannot be written`, { cause });
  });
  onProgress?.({ kind: 'done', stage: 'verify', message: `${label}, ${rows.length} rows` });
  return { file, part, cached: cachedTexts };
}

async function checkFiles(dir: string, subject: Subject, lock: Lock): Promise<void> {
  if (computeRootDigest(await subject.hashes()) === lock.rootDigest) return;
  throw new HubwrightError('NOT_VERIFIED', `the files in ${dir} are not those of its lock`, {
    hint: `see which: hubwright verify ${dir}`,
  });
}

/**
 * Reads the parts of all shards and joins them to the scores that a single run would have given.
 *
 * @throws HubwrightError INPUT_MISSING or INPUT_INVALID
 */
export async function readScores(
  files: readonly string[],
  rootDigest: string,
  activation: 'sigmoid' | 'identity',
): Promise<Scores> {
  const parts = await Promise.all(files.map(async (file) => ({ file, part: await readPart(file) })));
  const logits = mergeParts(parts, rootDigest);
  const [first] = parts;
  if (first === undefined) throw new HubwrightError('USAGE', 'no part is named');
  const { inference, environment } = first.part;
  const { onnxruntime, executionProvider, ...conditions } = environment;
  return {
    scores: activate(logits, activation),
    logits,
    distinctTexts: inference.distinctTexts,
    tokens: inference.tokens,
    truncatedRows: inference.truncatedRows,
    cachedTexts: 0,
    executionProvider,
    runtimeVersion: onnxruntime,
    conditions,
  };
}
