import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { requireSigned } from '../access.ts';
import { sendJson, sendText } from '../answer.ts';
import { readChunks, readJson } from '../body.ts';
import { getParam, type Handler } from '../exchange.ts';
import { HttpError } from '../http-error.ts';
import { sendContent } from '../ranged-content.ts';

/** PUT /lfs-storage/:ns/:name/:oid: a whole object or one part of it, straight to disk. */
export const storeObject: Handler = async (exchange) => {
  const repository = await requireSigned(exchange);
  const { request, response, query, hub } = exchange;
  const length = requireLength(request);
  if (query.get('operation') === 'part') {
    const answer = await hub.uploads.put(
      query.get('uploadId') ?? '',
      Number(query.get('part')),
      readChunks(request),
    );
    if ('refused' in answer) throw new HttpError(400, `BadDigest: ${answer.refused}`);
    return sendText(response, '', 200, { ETag: answer.etag });
  }
  if (query.get('operation') !== 'upload') throw new HttpError(403, 'This URL is not for uploads');
  const expected = { oid: getParam(exchange, 'oid'), size: Number(query.get('size')) };
  if (length !== expected.size) {
    throw new HttpError(400, `BadDigest: Content-Length is ${length}, ${expected.size} bytes were announced`);
  }
  const refusal = await repository.lfs.ingest(expected, readChunks(request));
  if (refusal !== undefined) throw new HttpError(400, `BadDigest: ${refusal.refused}`);
  sendText(response, '', 200, { ETag: `"${expected.oid}"` });
};

/** GET and HEAD /lfs-storage/:ns/:name/:oid, where a file's download ends up. */
export const loadObject: Handler = async (exchange) => {
  const repository = await requireSigned(exchange);
  if (exchange.query.get('operation') !== 'download')
    throw new HttpError(403, 'This URL is not for downloads');
  const oid = getParam(exchange, 'oid');
  const size = await repository.lfs.size(oid);
  if (size === undefined) throw new HttpError(404, 'The specified key does not exist.');
  const commit = exchange.query.get('commit');
  await sendContent(exchange, {
    size,
    etag: oid,
    type: 'application/octet-stream',
    filename: exchange.query.get('filename') ?? oid,
    // The real Hub redirects to another host, where the Python client stops and reads the redirect itself.
    // Here the host is the same, so the client goes on and has to find the commit in this answer.
    headers: commit === null ? {} : { 'X-Repo-Commit': commit },
    read: (start, end) => repository.lfs.read(oid, start, end),
  });
};

const completion = z.object({
  oid: z.string(),
  parts: z.array(z.object({ partNumber: z.int().positive(), etag: z.string() })),
});

/** POST /api/complete_multipart/:ns/:name: puts the parts together and checks the whole. */
export const completeMultipart: Handler = async (exchange) => {
  const repository = await requireSigned(exchange);
  const { request, response, query, hub } = exchange;
  const { oid, parts } = await readJson(request, completion);
  if (oid !== query.get('oid')) throw new HttpError(400, 'The object is not the one that was announced');
  const id = query.get('uploadId') ?? '';
  const whole = hub.uploads.finish(id, parts);
  if ('refused' in whole) throw new HttpError(400, `InvalidPart: ${whole.refused}`);
  // Hashing a hundred gigabytes takes minutes in which nothing is sent.
  request.setTimeout(0);
  const refusal = await repository.lfs.adopt({ oid, size: Number(query.get('size')) }, whole.path);
  await hub.uploads.end(id);
  if (refusal !== undefined) throw new HttpError(400, `BadDigest: ${refusal.refused}`);
  sendJson(response, { success: true });
};

/** S3 refuses a body without a length, and an empty one; so must what stands in for it. */
function requireLength(request: IncomingMessage): number {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) throw new HttpError(411, 'MissingContentLength');
  if (length === 0) throw new HttpError(501, 'NotImplemented: an empty object cannot be stored');
  return length;
}
