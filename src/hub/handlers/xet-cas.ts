import { randomBytes } from 'node:crypto';
import { createKeyedHash, fromHex } from '../../formats/xet/hash.ts';
import { parseShard, type Shard } from '../../formats/xet/shard.ts';
import { sendBytes, sendJson } from '../answer.ts';
import { readBytes, readChunks } from '../body.ts';
import { type Exchange, getParam, type Handler } from '../exchange.ts';
import { badRequest, HttpError } from '../http-error.ts';
import { LIMITS, SIGNED_URL_SECONDS } from '../limits.ts';
import type { Repository } from '../storage/repository.ts';
import { encodeAnswerShard } from '../xet/answer-shard.ts';
import { registerShard, ShardError } from '../xet/register.ts';
import type { XetGrant } from '../xet/token.ts';

/** POST /xet-cas/v1/xorbs/default/:hash */
export const storeXorb: Handler = async (exchange) => {
  await requireGrant(exchange, 'write');
  const { request, response, hub } = exchange;
  const hash = requireHash(exchange);
  if ((await hub.xet.xorbs.index(hash)) !== undefined) {
    return sendJson(response, { was_inserted: false });
  }
  const stored = await hub.xet.xorbs.ingest(hash, readChunks(request));
  if (stored !== 'stored') throw badRequest(`Invalid xorb: ${stored.refused}`);
  sendJson(response, { was_inserted: true });
};

/** POST /xet-cas/v1/shards */
export const storeShard: Handler = async (exchange) => {
  const { repository, shard } = await readShard(exchange);
  const { response, hub } = exchange;
  try {
    const { added } = await registerShard(shard, repository.xetFiles, hub.xet);
    sendJson(response, { result: added ? 1 : 0 });
  } catch (error) {
    if (error instanceof ShardError) throw badRequest(`Invalid shard: ${error.message}`);
    throw error;
  }
};

/** As often as the real one says that it is still at work; clients give up after two minutes of silence. */
const HEARTBEAT_MS = 20_000;

/**
 * POST /xet-cas/v2/shards: the same, answered by lines of JSON that tell how far it is. A refusal is a line too, since
 * the status has been sent by then.
 */
export const storeShardTelling: Handler = async (exchange) => {
  const { repository, shard } = await readShard(exchange);
  const { response, hub } = exchange;
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  let last = '';
  const tell = (event: object) => {
    last = `${JSON.stringify(event)}\n`;
    response.write(last);
  };
  const total = shard.files.length;
  const heartbeat = setInterval(() => response.write(last), HEARTBEAT_MS);
  try {
    tell({ type: 'validating', verified: 0, total });
    await registerShard(shard, repository.xetFiles, hub.xet, (verified) =>
      tell({ type: 'validating', verified, total }),
    );
    tell({ type: 'result' });
  } catch (error) {
    if (!(error instanceof ShardError)) throw error;
    tell({ type: 'error', message: `Invalid shard: ${error.message}`, retryable: false });
  } finally {
    clearInterval(heartbeat);
  }
  response.end();
};

async function readShard(exchange: Exchange): Promise<{ repository: Repository; shard: Shard }> {
  const repository = await requireGrant(exchange, 'write');
  const shard = parseShard(await readBytes(exchange.request, LIMITS.xetShard));
  if (shard === undefined) throw badRequest('Invalid shard: it is damaged or of another version');
  // Everything is unpacked and hashed again, which for many gigabytes takes minutes in which nothing is received.
  exchange.request.setTimeout(0);
  return { repository, shard };
}

/** GET /xet-cas/v1/chunks/:prefix/:hash: the shard with which a chunk came; both prefixes are in use. */
export const findChunk: Handler = async (exchange) => {
  await requireGrant(exchange, 'read');
  const { xorbs } = exchange.hub.xet;
  const found = await Promise.all(
    (await xorbs.find(requireHash(exchange))).map(async (hash) => ({
      hash: fromHex(hash),
      index: await xorbs.index(hash),
    })),
  );
  const listed = found.flatMap(({ hash, index }) =>
    hash === undefined || index === undefined ? [] : [{ hash, index }],
  );
  if (listed.length === 0) throw new HttpError(404, 'No such chunk');
  const key = randomBytes(32);
  const now = Math.floor(Date.now() / 1000);
  const seconds = { now, expires: now + SIGNED_URL_SECONDS };
  sendBytes(exchange.response, encodeAnswerShard(listed, key, await createKeyedHash(key), seconds));
};

/** The repository that the caller's token for the content store is for. */
export async function requireGrant(exchange: Exchange, scope: XetGrant['scope']): Promise<Repository> {
  const { hub, request } = exchange;
  const { namespace, name } = hub.xet.tokens.check(request.headers.authorization, scope);
  const repository = await hub.store.find(namespace, name);
  if (repository === undefined) throw new HttpError(404, 'The repository does not exist any more');
  return repository;
}

/** The hash in the path; 400 when it is none. */
export function requireHash(exchange: Exchange): string {
  const hash = getParam(exchange, 'hash');
  if (fromHex(hash) === undefined) throw badRequest(`"${hash}" is no hash: 64 hexadecimal digits are`);
  return hash;
}
