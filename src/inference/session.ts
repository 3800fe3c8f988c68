import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { HubwrightError } from '../errors.ts';
import type { Conditions, ExecutionProvider } from './device.ts';

/** Token ids of rows of one batch, padded to one length. */
export interface Batch {
  readonly rows: number;
  readonly length: number;
  /** int64 [rows, length] */
  readonly inputIds: BigInt64Array;
  /** int64 [rows, length]; 1 for tokens, 0 for padding. */
  readonly attentionMask: BigInt64Array;
}

export interface Session {
  /** ONNX Runtime's name of it, or of all that had a part, separated by commas. */
  readonly executionProvider: string;
  readonly runtimeVersion: string;
  readonly conditions: Conditions;
  /** Runs one batch; returns the named float outputs, row-major. */
  run(batch: Batch, outputs: readonly string[]): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  readonly provider: ExecutionProvider;
  /** A graph to run in place of the file at the path, with the weights that lie beside it. */
  readonly graph?: Uint8Array | undefined;
  readonly conditions?: Conditions | undefined;
}

/** Names the model contract is made of; everything that reads the published model relies on them. */
const INPUTS = ['input_ids', 'attention_mask'];
const OUTPUT = 'logits';

/**
 * Opens an ONNX model on one execution provider. External data is found beside the file. Every call computes on the
 * thread that makes it, promise or not: only a worker keeps the program alive meanwhile.
 *
 * @throws HubwrightError INFERENCE when ONNX Runtime refuses it or its inputs and outputs are others.
 */
export async function openSession(
  path: string,
  { provider, graph, conditions = {} }: SessionOptions = { provider: 'cpu' },
): Promise<Session> {
  // The native library takes a tenth of a second to load: only what runs inference pays for it.
  const ort = await import('onnxruntime-node');
  // The same as logSeverityLevel below, for what is printed before there is a session.
  ort.env.logLevel = 'fatal';
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    // Fatal only: what it would print as an error is in the exception too.
    logSeverityLevel: 4,
    extra: {
      session: {
        // Threads that spin while they wait take the cores from everything else on a shared runner.
        intra_op: { allow_spinning: '0' },
        ...(conditions.weights === 'mapped' ? { disable_prepacking: '1' } : {}),
        ...(graph === undefined ? {} : { model_external_initializers_file_folder_path: realDir(path) }),
      },
    },
  };
  const opening =
    graph === undefined
      ? ort.InferenceSession.create(path, options)
      : ort.InferenceSession.create(graph, options);
  const session = await opening.catch((cause: unknown) => {
    throw new HubwrightError(
      'INFERENCE',
      `ONNX Runtime cannot load ${path}${provider === 'cpu' ? '' : ` on ${provider}`}: ${firstLine(cause)}`,
      {
        hint: 'export it again: hubwright export <bundle>',
        cause,
      },
    );
  });
  checkContract(session, path);
  return {
    executionProvider: provider,
    runtimeVersion: ort.env.versions.node ?? readRuntimeVersion(),
    conditions,
    async run(batch, outputs) {
      const dims = [batch.rows, batch.length];
      const feeds = {
        input_ids: new ort.Tensor('int64', batch.inputIds, dims),
        attention_mask: new ort.Tensor('int64', batch.attentionMask, dims),
      };
      const results = await session.run(feeds, [...outputs]).catch((cause: unknown) => {
        const what = `a batch of ${batch.rows} × ${batch.length} tokens failed: ${firstLine(cause)}`;
        throw new HubwrightError('INFERENCE', `${path}: ${what}`, { cause });
      });
      return Object.fromEntries(outputs.map((name) => [name, results[name]?.data as Float32Array]));
    },
    release: () => session.release(),
  };
}

/** The runtime's version, without loading it. */
export function readRuntimeVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return version;
}

function checkContract(session: InferenceSession, path: string): void {
  const missing = INPUTS.filter((name) => !session.inputNames.includes(name));
  const extra = session.inputNames.filter((name) => !INPUTS.includes(name));
  if (missing.length > 0 || extra.length > 0 || !session.outputNames.includes(OUTPUT)) {
    throw new HubwrightError(
      'INFERENCE',
      `${path} takes ${session.inputNames.join(', ')} and gives ${session.outputNames.join(', ')}; expected ${INPUTS.join(', ')} and ${OUTPUT}`,
      { hint: 'export it again: hubwright export <bundle>' },
    );
  }
}

/** ONNX Runtime takes no weights through a link that leaves the folder. */
function realDir(path: string): string {
  return realpathSync(dirname(path));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
