import { Worker } from 'node:worker_threads';
import { HubwrightError } from '../errors.ts';
import type { Session, SessionOptions } from './session.ts';
import { type Answer, fromPlainError, type Request } from './worker-messages.ts';

export interface WorkerOptions {
  readonly signal?: AbortSignal | undefined;
  /** Another module for the thread to run; for tests of what happens when it breaks. */
  readonly entry?: URL;
}

/**
 * The worker's own file. Node 20 cannot load TypeScript, and a loader in the worker would be one more thing that the
 * package does not ship: run from source, as under vitest, the worker is the one that the build made.
 */
function findEntry(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../dist/inference/worker.js', import.meta.url)
    : new URL('./worker.js', import.meta.url);
}

/**
 * Opens a session on a thread of its own, so that this one stays free for timers, progress and Ctrl-C. An abort fails
 * the call at hand at once; the thread itself ends with the batch that it computes, for native code cannot be stopped.
 *
 * @throws HubwrightError INFERENCE or ABORTED, from here and from `run`
 */
export async function openWorkerSession(
  path: string,
  options: SessionOptions,
  workerOptions: WorkerOptions = {},
): Promise<Session> {
  const { provider, conditions = {} } = options;
  const thread = startThread(workerOptions);
  try {
    const opened = await thread.ask({ kind: 'open', path, options });
    return {
      executionProvider: provider,
      runtimeVersion: opened.kind === 'opened' ? opened.runtimeVersion : 'unknown',
      conditions,
      async run(batch, outputs) {
        // A GPU may fail for want of memory and be asked again in halves: it gets a copy.
        const arrays = provider === 'cpu' ? [batch.inputIds.buffer, batch.attentionMask.buffer] : [];
        const moved = arrays as ArrayBuffer[];
        const answer = await thread.ask({ kind: 'run', batch, outputs }, moved);
        return answer.kind === 'ran' ? answer.outputs : {};
      },
      release: () => thread.close(),
    };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

interface Thread {
  ask(request: Request, moved?: ArrayBuffer[]): Promise<Answer>;
  /** Ends the thread once it is idle; after an abort without waiting for that. */
  close(): Promise<void>;
}

function startThread({ signal, entry = findEntry() }: WorkerOptions): Thread {
  const worker = new Worker(entry);
  let pending: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let broken: HubwrightError | undefined;
  const settle = () => {
    const settled = pending;
    pending = undefined;
    return settled;
  };
  const fail = (error: HubwrightError) => {
    broken ??= error;
    settle()?.reject(error);
  };
  const abort = () => fail(new HubwrightError('ABORTED', 'stopped while scoring'));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();

  worker.on('message', (answer: Answer) => {
    if (answer.kind === 'failed') settle()?.reject(fromPlainError(answer.error));
    else settle()?.resolve(answer);
  });
  worker.on('error', (cause) => fail(describeCrash(cause.message, cause)));
  const ended = new Promise<void>((done) => {
    worker.on('exit', (code) => {
      fail(describeCrash(`it ended with code ${code}`));
      signal?.removeEventListener('abort', abort);
      done();
    });
  });
  return {
    ask(request, moved = []) {
      return new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken);
        pending = { resolve, reject };
        worker.postMessage(request, moved);
      });
    },
    async close() {
      worker.postMessage({ kind: 'close' } satisfies Request);
      if (broken === undefined) await ended;
    },
  };
}

function describeCrash(reason: string, cause?: unknown): HubwrightError {
  return new HubwrightError('INFERENCE', `the inference worker stopped: ${reason}`, {
    hint: 'run it again; if it stops again, the machine may be short of memory',
    cause,
  });
}
