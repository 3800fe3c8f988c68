import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { type Checkpoint, describeCheckpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { readJsonObject } from '../formats/json.ts';
import { readWeights, WEIGHTS_FILE } from '../formats/weights.ts';
import { type AttentionStyle, createGraph, type Value } from '../graph/graph.ts';
import { VERSION } from '../version.ts';
import { addHead, addPooling } from './pooling.ts';

export const ONNX_FILE = 'model.onnx';

export interface GraphOptions {
  /** How a plain wrapper pools; a stock head brings its own. */
  readonly pooling: Config['head']['pooling'];
  /** Adds the encoder's last hidden state [batch, sequence, hidden] as a second output, for comparisons. */
  readonly hiddenState?: boolean;
  /** `fused` unless told otherwise, which is what the bundle holds. */
  readonly attention?: AttentionStyle;
}

/** An ONNX model, and the value in its graph that is the encoder's last hidden state. */
export interface BuiltModel {
  readonly bytes: Uint8Array;
  readonly hiddenState: Value;
}

/**
 * Builds the ONNX model of a checkpoint: `input_ids` and `attention_mask` int64 [batch, sequence] → `logits` float32
 * [batch, labels], before the activation. The model holds no weights: its initializers point into `model.safetensors`
 * or its shards.
 */
export function buildOnnx(checkpoint: Checkpoint, options: GraphOptions): Uint8Array {
  return buildModel(checkpoint, options).bytes;
}

/** The same, for those that rewrite it. */
export function buildModel(checkpoint: Checkpoint, options: GraphOptions): BuiltModel {
  const graph = createGraph(options.attention);
  const inputIds = graph.input('input_ids', 'int64', ['batch', 'sequence']);
  const attentionMask = graph.input('attention_mask', 'int64', ['batch', 'sequence']);
  const hiddenState = checkpoint.architecture.addEncoder(graph, checkpoint, { inputIds, attentionMask });
  const pooling = checkpoint.classifier?.pooling ?? options.pooling;
  const pooled = addPooling(graph, hiddenState, attentionMask, pooling);
  graph.output('logits', addHead(graph, pooled, checkpoint), 'float32', ['batch', checkpoint.head.labels]);
  if (options.hiddenState === true) {
    const dims = ['batch', 'sequence', checkpoint.config.hiddenSize];
    graph.output('last_hidden_state', hiddenState, 'float32', dims);
  }
  const bytes = graph.toBytes({
    name: 'reward_model',
    weightsFile: WEIGHTS_FILE,
    producerVersion: VERSION,
    metadata: { 'hubwright.tensors_sha256': hashTensorTable(checkpoint) },
  });
  return { bytes, hiddenState };
}

/**
 * Writes `model.onnx` into a folder that holds `config.json` and weights.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID or UNSUPPORTED, naming file and tensor.
 */
export async function exportOnnx(dir: string, options: GraphOptions): Promise<Checkpoint> {
  const checkpoint = describeCheckpoint(
    await readWeights(dir),
    await readJsonObject(join(dir, 'config.json')),
  );
  await writeFileAtomic(join(dir, ONNX_FILE), Buffer.from(buildOnnx(checkpoint, options)));
  return checkpoint;
}

/**
 * The model of a folder as a graph with decomposed attention, where its `model.onnx` is the export of its weights.
 * Undefined where it is not: then nothing but the file itself says what it computes.
 */
export async function decomposeExport(
  dir: string,
  pooling: Config['head']['pooling'],
): Promise<Uint8Array | undefined> {
  const [weights, config] = await Promise.all([readWeights(dir), readJsonObject(join(dir, 'config.json'))]);
  const checkpoint = describeCheckpoint(weights, config);
  const file = await readFile(join(dir, ONNX_FILE));
  if (!file.equals(buildOnnx(checkpoint, { pooling }))) return undefined;
  return buildOnnx(checkpoint, { pooling, attention: 'decomposed' });
}

/**
 * sha256 over name, dtype, shape and place of every tensor. The graph points at byte offsets, so it belongs to files
 * with this very layout only: saving the weights again may move them.
 */
export function hashTensorTable(checkpoint: Checkpoint): string {
  const layers = (checkpoint.classifier?.steps ?? []).flatMap((step) =>
    'layer' in step ? [step.layer] : [],
  );
  const rest = [...layers, checkpoint.head].flatMap(({ weight, bias }) => (bias ? [weight, bias] : [weight]));
  const entries = [...checkpoint.encoder.values(), ...rest];
  const lines = entries.map(
    ({ name, dtype, shape, offset, file }) =>
      `${name} ${dtype} [${shape.join(',')}] ${offset}${file === undefined ? '' : ` ${file}`}\n`,
  );
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}
