import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { badRequest, HttpError } from './http-error.ts';
import { LIMITS } from './limits.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a JSON body and checks its shape; 400 when it is not what the endpoint takes, 413 when too long. */
export async function readJson<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  return checkShape(parseJson(await readText(request)), schema);
}

/**
 * A body's chunks. Giving up in the middle leaves the connection open, so that the client can read why:
 * Node's own iteration would destroy it, and the answer with it.
 */
export function readChunks(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

/** Reads a body whole, as UTF-8. */
export async function readText(request: IncomingMessage): Promise<string> {
  return decodeText(await readBytes(request, LIMITS.jsonBody));
}

/** Reads a body whole; 413 when it is longer than `most` bytes. */
export async function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readChunks(request)) {
    size += chunk.length;
    if (size > most) throw new HttpError(413, `The body is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads a body line by line, holding one line at a time. Empty lines are skipped. */
export async function* readLines(request: IncomingMessage): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let size = 0;
  let total = 0;
  const take = () => {
    const line = decodeText(Buffer.concat(pending)).trim();
    pending = [];
    size = 0;
    return line;
  };
  for await (const chunk of readChunks(request)) {
    total += chunk.length;
    if (total > LIMITS.commitBody)
      throw new HttpError(413, `The body is longer than ${LIMITS.commitBody} bytes`);
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      start = end + 1;
      const line = take();
      if (line !== '') yield line;
    }
    pending.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > LIMITS.commitLine) {
      throw badRequest(
        'Your push was rejected because it contains files larger than 10 MiB. Please use https://git-lfs.github.com/ to store large files.',
      );
    }
  }
  const last = take();
  if (last !== '') yield last;
}

/** Parses JSON or throws 400. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON');
  }
}

/** Checks a value's shape or throws 400, naming the first field that is wrong. */
export function checkShape<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badRequest(`"${issue?.path.join('.') || 'value'}": ${issue?.message ?? 'invalid'}`);
}

function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest('The body is not valid UTF-8');
  }
}
