import { sendJson } from '../answer.ts';
import type { Handler } from '../exchange.ts';
import { badRequest, HttpError } from '../http-error.ts';
import { describeAround, parseDirtyRanges } from '../xet/file-chunk-hashes.ts';
import { requireGrant, requireHash } from './xet-cas.ts';

/**
 * GET /xet-cas/v2/file-chunk-hashes/:hash: what to know of a file to change the ranges in `X-Range-Dirty`. Only who may
 * write has a use for it.
 */
export const describeChunks: Handler = async (exchange) => {
  const repository = await requireGrant(exchange, 'write');
  const { request, response, hub } = exchange;
  const file = await repository.xetFiles.find(requireHash(exchange));
  if (file === undefined) throw new HttpError(404, 'The file does not exist');
  const dirty = parseDirtyRanges(request.headers['x-range-dirty']?.toString(), file.size);
  if (dirty === undefined) {
    throw badRequest('X-Range-Dirty has to name ranges in order, as in "bytes=0-99,200-299"');
  }
  if (dirty === 'unsatisfiable') {
    throw new HttpError(416, 'A range ends behind the end of the file', {
      headers: { 'Content-Range': `bytes */${file.size}` },
    });
  }
  sendJson(response, await describeAround(file, dirty, hub.xet));
};
