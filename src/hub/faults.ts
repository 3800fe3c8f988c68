import { type IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError } from './http-error.ts';
import type { Step } from './router.ts';

/**
 * What goes wrong with one request. `when` says whether the Hub does its work first: a failure `after` it leaves the
 * client in doubt whether the work was done, as a gateway that gives up on a commit does.
 */
export type Fault =
  /** Answered with this status. `headers` add to it, such as `Retry-After`. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly when?: 'before' | 'after';
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is cut without an answer. */
  | { readonly kind: 'drop'; readonly when?: 'before' | 'after' }
  /** Nothing is read and nothing answered; the connection stays open. */
  | { readonly kind: 'stall' }
  /** The work starts late, by so many milliseconds. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** One bit of the body is turned: of the request's when there is one, else of the answer's. */
  | { readonly kind: 'corrupt' }
  /** The connection is cut in the middle of the body: of the request's when there is one, else of the answer's. */
  | { readonly kind: 'cut' }
  /** The token, or the signed URL, is no longer valid. */
  | { readonly kind: 'expired' }
  /** Something else happens to the Hub first, such as a commit of somebody else's. */
  | { readonly kind: 'meanwhile'; readonly work: () => Promise<unknown> };

/** A fault at a step of the protocol: at its first `times` requests (1) after `skip` others (0). */
export interface PlannedFault {
  readonly step: Step;
  readonly fault: Fault;
  readonly times?: number;
  readonly skip?: number;
}

/**
 * Faults for tests of clients. It is handed to `startHub` by code in the same process; no flag, variable or request
 * leads here, so that a Hub in use has none.
 */
export interface FaultPlan {
  add(fault: PlannedFault): void;
  clear(): void;
  /** What was planned and has not happened as often as it should. */
  pending(): readonly PlannedFault[];
  /** The fault for this request, used up by the question. */
  take(step: Step): Fault | undefined;
}

export function createFaultPlan(): FaultPlan {
  let waiting: { planned: PlannedFault; skip: number; times: number }[] = [];
  return {
    add(planned) {
      waiting.push({ planned, skip: planned.skip ?? 0, times: planned.times ?? 1 });
    },
    clear() {
      waiting = [];
    },
    pending: () => waiting.map(({ planned }) => planned),
    take(step) {
      const next = waiting.find(({ planned }) => planned.step === step);
      if (next === undefined) return undefined;
      if (next.skip > 0) {
        next.skip -= 1;
        return undefined;
      }
      next.times -= 1;
      if (next.times === 0) waiting = waiting.filter((entry) => entry !== next);
      return next.planned.fault;
    },
  };
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Another commit operation is in progress for this repository. Please try again later.',
  412: 'The branch was updated since you opened this page. Please refresh and try again.',
  429: 'You have exceeded the rate limit for this endpoint. Please try again later.',
  500: 'Internal Error - We are working hard to fix this as soon as possible!',
  504: 'Gateway Timeout',
};

/** Does `work` with this fault in its way. `work` gets the response that it may write to. */
export async function sufferFault(
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  work: (response: ServerResponse) => Promise<void>,
): Promise<void> {
  if (fault === undefined) return work(response);
  switch (fault.kind) {
    case 'stall':
      request.pause();
      return;
    case 'slow':
      await sleep(fault.milliseconds);
      return work(response);
    case 'meanwhile':
      await fault.work();
      return work(response);
    case 'expired':
      throw request.headers.authorization === undefined
        ? new HttpError(403, 'Request has expired')
        : new HttpError(401, 'User Access Token is expired');
    case 'corrupt':
      changeFirstPart(request, response, flipBit);
      return work(response);
    case 'cut':
      changeFirstPart(request, response, (part) => {
        request.socket.destroySoon();
        return part.subarray(0, part.length >> 1);
      });
      return work(response);
    case 'drop':
      // An answer without a connection: the work is done and nobody hears of it.
      if (fault.when === 'after') await work(new ServerResponse(request));
      request.socket.destroy();
      return;
    case 'status':
      if (fault.when === 'after') await work(new ServerResponse(request));
      throw new HttpError(fault.status, REASONS[fault.status] ?? `Status ${fault.status}`, {
        ...(fault.headers === undefined ? {} : { headers: { ...fault.headers } }),
      });
  }
}

/** Passes the first part of a body through `change`: of the request's when there is one, else of the answer's. */
function changeFirstPart(
  request: IncomingMessage,
  response: ServerResponse,
  change: (part: Buffer) => Buffer,
): void {
  let isFirst = true;
  const pass = (part: Uint8Array) => {
    const changed = isFirst ? change(Buffer.from(part)) : part;
    isFirst = false;
    return changed;
  };
  if (request.method === 'PUT' || request.method === 'POST') {
    const read = request.iterator.bind(request);
    request.iterator = async function* (options) {
      for await (const part of read(options)) yield pass(part);
    };
    return;
  }
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  response.write = (part: Uint8Array, ...rest: unknown[]) => write(pass(part), ...rest);
}

function flipBit(part: Buffer): Buffer {
  const middle = part.length >> 1;
  if (part.length > 0) part[middle] = (part[middle] ?? 0) ^ 1;
  return part;
}
