import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Exchange } from './exchange.ts';

/** A file to send, whole or in part. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly type: string;
  readonly filename: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes from `start` to `end`, both inclusive. */
  read(start: number, end: number): Readable | Promise<Readable>;
}

/** Answers GET and HEAD with a file: 200, 206 for one range, 416 for a range that the file does not have. */
export async function sendContent({ request, response }: Exchange, content: Content): Promise<void> {
  const { size, etag, type, filename } = content;
  const headers = {
    ETag: `"${etag}"`,
    'Accept-Ranges': 'bytes',
    'Content-Type': type,
    'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(filename)}; filename="${filename.replace(/[^\x20-\x7e]|["\\]/g, '_')}";`,
    // A repository may hold HTML; opened in a browser it must not run as a page of this Hub.
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    ...content.headers,
  };
  // If-Range with another ETag means: the client's first half is of another file, so send it whole.
  const condition = request.headers['if-range'];
  const usable = condition === undefined || condition === `"${etag}"`;
  const range = usable ? parseRange(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${size}`, 'Content-Length': 0 });
    response.end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  const isEmpty = request.method === 'HEAD' || size === 0;
  await pipeline(isEmpty ? Readable.from([]) : await content.read(start, end), response);
}

/**
 * Reads a Range header: `undefined` when there is none to honour (RFC 9110 lets a server ignore several
 * ranges and other units), `unsatisfiable` when the file has no such bytes.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
