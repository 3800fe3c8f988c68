import { HubwrightError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { decodeLogits, type Part } from './parts.ts';

export interface NamedPart {
  /** For messages. */
  readonly file: string;
  readonly part: Part;
}

/**
 * Joins the parts of all shards to the logits of all rows.
 *
 * @param rootDigest of the bundle, whose parts these must be
 * @throws HubwrightError INPUT_INVALID for parts of different bundles, versions, machines or runs, and for a part or a
 * row that is missing or there twice.
 */
export function mergeParts(parts: readonly NamedPart[], rootDigest: string): Float64Array {
  const [first] = parts;
  if (first === undefined) throw refuse('no part is named');
  for (const named of parts) checkKinship(named, first, rootDigest);
  checkShards(parts, first.part.shard.count);

  const { rows: total } = first.part.inference;
  const owner = new Map<number, string>();
  const logits = new Float64Array(total).fill(Number.NaN);
  for (const { file, part } of parts) {
    const values = decodeLogits(part);
    for (const [i, row] of part.rows.entries()) {
      if (row >= total) throw refuse(`${file} has row ${row + 1} of ${total}`);
      const other = owner.get(row);
      if (other !== undefined) throw refuse(`row ${row + 1} is in ${other} and in ${file}`);
      owner.set(row, file);
      logits[row] = values[i] ?? Number.NaN;
    }
  }
  if (owner.size < total) {
    const gap = logits.findIndex((_, row) => !owner.has(row));
    throw refuse(`${total - owner.size} of ${total} rows are in no part, the first of them row ${gap + 1}`);
  }
  return logits;
}

function checkKinship({ file, part }: NamedPart, first: NamedPart, rootDigest: string): void {
  if (part.rootDigest !== rootDigest) throw refuse(`${file} is about other files than those of this bundle`);
  if (part.tool.version !== VERSION) {
    throw refuse(`${file} was made by hubwright ${part.tool.version}, this is ${VERSION}`);
  }
  const pairs = [
    ['number of shards', part.shard.count, first.part.shard.count],
    ['ONNX Runtime', part.environment.onnxruntime, first.part.environment.onnxruntime],
    ['execution provider', part.environment.executionProvider, first.part.environment.executionProvider],
    ['setting of the run', describeConditions(part), describeConditions(first.part)],
    ['count of rows', part.inference.rows, first.part.inference.rows],
    ['count of distinct texts', part.inference.distinctTexts, first.part.inference.distinctTexts],
    ['count of tokens', part.inference.tokens, first.part.inference.tokens],
    ['count of truncated rows', part.inference.truncatedRows, first.part.inference.truncatedRows],
  ] as const;
  for (const [what, here, there] of pairs) {
    if (here !== there) throw refuse(`the ${what} is ${here} in ${file} and ${there} in ${first.file}`);
  }
}

/** What is not as usual moves scores by their last bits or more. */
function describeConditions({ environment }: NamedPart['part']): string {
  const { onnxruntime: _, executionProvider: __, ...conditions } = environment;
  return JSON.stringify(conditions);
}

function checkShards(parts: readonly NamedPart[], count: number): void {
  const files = new Map<number, string>();
  for (const { file, part } of parts) {
    const other = files.get(part.shard.index);
    if (other !== undefined) throw refuse(`${other} and ${file} are both part ${part.shard.index}`);
    files.set(part.shard.index, file);
  }
  if (files.size === count) return;
  const missing: number[] = [];
  for (let index = 1; index <= count && missing.length < 10; index += 1) {
    if (!files.has(index)) missing.push(index);
  }
  const more = count - files.size > missing.length ? ', …' : '';
  throw refuse(`${count - files.size} of ${count} parts are missing: ${missing.join(', ')}${more}`);
}

function refuse(reason: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `the parts cannot be merged: ${reason}`, {
    hint: 'name each part of one run once: hubwright verify <bundle> --merge verification.part-*-of-*.json',
  });
}
