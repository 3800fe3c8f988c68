import { type MessagePort, parentPort } from 'node:worker_threads';
import { openSession, type Session } from './session.ts';
import { type Answer, type Request, toPlainError } from './worker-messages.ts';

/** The thread that inference runs on: it holds one session and answers one request after the other. */
function serve(port: MessagePort): void {
  let session: Session | undefined;
  const answer = async (request: Exclude<Request, { kind: 'close' }>): Promise<Answer> => {
    if (request.kind === 'open') {
      session = await openSession(request.path, request.options);
      return { kind: 'opened', runtimeVersion: session.runtimeVersion };
    }
    if (session === undefined) throw new Error('no session is open');
    return { kind: 'ran', outputs: await session.run(request.batch, request.outputs) };
  };
  // One after the other: a session that is released under a running batch takes the process with it.
  let queue = Promise.resolve();
  port.on('message', (request: Request) => {
    queue = queue.then(async () => {
      if (request.kind === 'close') {
        await session?.release();
        port.close();
        return;
      }
      port.postMessage(
        await answer(request).catch(
          (error: unknown): Answer => ({ kind: 'failed', error: toPlainError(error) }),
        ),
      );
    });
  });
}

if (parentPort !== null) serve(parentPort);
