import { ERRORS, type ErrorCode, HubwrightError } from '../errors.ts';
import type { Batch, SessionOptions } from './session.ts';

/** What the main thread asks of the worker, one at a time. `close` is answered by the end of the worker. */
export type Request =
  | { readonly kind: 'open'; readonly path: string; readonly options: SessionOptions }
  | { readonly kind: 'run'; readonly batch: Batch; readonly outputs: readonly string[] }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'opened'; readonly runtimeVersion: string }
  | { readonly kind: 'ran'; readonly outputs: Record<string, Float32Array> }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** An error as it crosses the boundary: cloning keeps no class and none of its own fields. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export function toPlainError(error: unknown): PlainError {
  if (error instanceof HubwrightError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INFERENCE', message: `the inference worker failed: ${message}`, hint: undefined };
}

export function fromPlainError({ code, message, hint }: PlainError): HubwrightError {
  const known: ErrorCode = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'INFERENCE';
  return new HubwrightError(known, message, hint === undefined ? {} : { hint });
}
