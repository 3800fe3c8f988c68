import { sendJson } from '../answer.ts';
import { type Exchange, getParam, type Handler } from '../exchange.ts';
import { HttpError } from '../http-error.ts';
import { parseRange, sendContent } from '../ranged-content.ts';
import { cutTerms } from '../xet/file-store.ts';
import { requireGrant, requireHash } from './xet-cas.ts';

/** GET /xet-cas/v1|v2/reconstructions/:hash: which chunks of which xorbs a file, or a range of it, is made of. */
export const reconstruct: Handler = async (exchange) => {
  const version = getParam(exchange, 'version');
  if (version !== 'v1' && version !== 'v2') throw new HttpError(404, 'There is no such version');
  const repository = await requireGrant(exchange, 'read');
  const { request, response, hub } = exchange;
  const file = await repository.xetFiles.find(requireHash(exchange));
  if (file === undefined) throw new HttpError(404, 'The file does not exist');
  const range = parseRange(request.headers.range, file.size);
  if (range === 'unsatisfiable') {
    throw new HttpError(416, 'The range starts behind the end of the file', {
      headers: { 'Content-Range': `bytes */${file.size}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  const { terms, skip } = await cutTerms(hub.xet.xorbs, file, start, end + 1);
  const fetches: Record<string, Fetch[]> = {};
  for (const { xorb, start: from, end: to } of terms) {
    fetches[xorb] ??= [];
    const known = fetches[xorb].some(({ chunks }) => chunks.start === from && chunks.end === to);
    if (known) continue;
    const packed = (await hub.xet.xorbs.index(xorb))?.packed(from, to);
    if (packed === undefined) throw new Error(`xorb ${xorb} is gone`);
    const bytes = { start: packed.start, end: packed.end - 1 };
    const chunks = { start: from, end: to };
    fetches[xorb].push({ url: signFetch(exchange, xorb, bytes), chunks, bytes });
  }
  sendJson(response, {
    offset_into_first_range: skip,
    terms: terms.map((term) => ({
      hash: term.xorb,
      unpacked_length: term.length,
      range: { start: term.start, end: term.end },
    })),
    ...(version === 'v1'
      ? {
          fetch_info: mapFetches(fetches, ({ url, chunks, bytes }) => ({
            range: chunks,
            url,
            url_range: bytes,
          })),
        }
      : { xorbs: mapFetches(fetches, ({ url, ...range }) => ({ url, ranges: [range] })) }),
  });
};

interface Range {
  readonly start: number;
  readonly end: number;
}
/** Chunks exclude their end, bytes include it. */
interface Fetch {
  readonly url: string;
  readonly chunks: Range;
  readonly bytes: Range;
}

function mapFetches(
  fetches: Readonly<Record<string, readonly Fetch[]>>,
  describe: (fetch: Fetch) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fetches).map(([xorb, list]) => [xorb, list.map(describe)]));
}

function signFetch({ hub, origin }: Exchange, xorb: string, { start, end }: Range): string {
  return origin + hub.signer.sign(`/xet-storage/${xorb}`, { range: `${start}-${end}` });
}

/** GET /xet-storage/:hash: bytes of a xorb, exactly those that the URL was signed for. */
export const loadXorb: Handler = async (exchange) => {
  const { hub, request, path, query } = exchange;
  hub.signer.check(path, query);
  const hash = getParam(exchange, 'hash');
  const index = await hub.xet.xorbs.index(hash);
  if (index === undefined) throw new HttpError(404, 'The specified key does not exist.');
  if (request.headers.range !== `bytes=${query.get('range')}`) {
    throw new HttpError(403, 'This URL is for another range');
  }
  await sendContent(exchange, {
    size: index.packed(0, index.count).end,
    etag: hash,
    type: 'application/octet-stream',
    filename: hash,
    headers: {},
    read: (start, end) => hub.xet.xorbs.read(hash, start, end + 1),
  });
};
