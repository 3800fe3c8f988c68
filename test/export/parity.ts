import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, describeCheckpoint } from '../../src/checkpoint/index.ts';
import type { Config } from '../../src/config.ts';
import { buildOnnx } from '../../src/export/index.ts';
import { readJsonObject } from '../../src/formats/json.ts';
import { readSafetensorsHeader } from '../../src/formats/safetensors.ts';
import { openSession } from '../../src/inference/session.ts';
import { atTokens, largestDifference, toBatch } from './batch.ts';

// The comparison of a graph with what transformers computed, for folders that `random_encoders.py` writes.

interface Case {
  readonly name: string;
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  readonly hidden: number[];
  readonly logits: number[];
}

const HIDDEN = 1e-4;
/** Of the logit where it is greater than 1: random heads give such, and float32 has fewer digits there. A sigmoid's
 * slope falls faster than that, so scores agree within 1e-5 too. */
const LOGITS = 1e-5;

/** A folder's model as Hubwright understands it, and how its wrapper pools. */
export interface RandomModel {
  readonly dir: string;
  readonly checkpoint: Checkpoint;
  readonly pooling: Config['head']['pooling'];
}

export async function openRandomModel(dir: string): Promise<RandomModel> {
  const raw = await readJsonObject(join(dir, 'config.json'));
  const header = await readSafetensorsHeader(join(dir, 'model.safetensors'));
  const pooling = String(raw.hubwright_pooling ?? 'mean') as Config['head']['pooling'];
  return { dir, checkpoint: describeCheckpoint(header, raw), pooling };
}

/** The ONNX model of a folder, with its hidden states as an output. */
export function buildRandomModel({ checkpoint, pooling }: RandomModel): Uint8Array {
  return buildOnnx(checkpoint, { pooling, hiddenState: true });
}

/** Runs a graph of a folder over its cases: one line for each that is not what transformers computed. */
export async function listDisagreements(
  { dir, checkpoint, pooling }: RandomModel,
  graph: Uint8Array,
): Promise<string[]> {
  const path = join(dir, 'model.onnx');
  writeFileSync(path, graph);
  const session = await openSession(path);
  const isFirstState = (checkpoint.classifier?.pooling ?? pooling) === 'cls';
  const found: string[] = [];
  for (const known of readCases(dir)) {
    const { attention_mask: mask } = known;
    const batch = toBatch(known.input_ids, mask);
    const actual = await session.run(batch, ['logits', 'last_hidden_state']);
    const hidden = largestDifference(atTokens(actual.last_hidden_state!, mask), atTokens(known.hidden, mask));
    // The first state of a row padded on the left is that of padding, which some encoders keep from seeing anything.
    const counts = (_: unknown, row: number) => !isFirstState || mask[row]?.[0] === 1;
    const weigh = (logit: number, row: number) => logit / Math.max(1, Math.abs(known.logits[row] ?? 0));
    const logits = largestDifference(
      Array.from(actual.logits!).map(weigh).filter(counts),
      known.logits.map(weigh).filter(counts),
    );
    if (!(hidden < HIDDEN)) found.push(`${known.name}: hidden states differ by ${hidden}`);
    if (!(logits < LOGITS)) found.push(`${known.name}: logits differ by ${logits}`);
  }
  await session.release();
  return found;
}

export function readCases(dir: string): Case[] {
  return JSON.parse(readFileSync(join(dir, 'cases.json'), 'utf8'));
}
