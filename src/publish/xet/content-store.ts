import { HubwrightError } from '../../errors.ts';
import { toHex } from '../../formats/xet/hash.ts';
import { parseShard, type Shard } from '../../formats/xet/shard.ts';
import { type UploadOffer, xetGrantAnswer } from '../hub-answers.ts';
import type { Hub } from '../hub-client.ts';
import type { Answer, Question } from '../hub-connection.ts';

/** What the Hub gives for a while to write to its content store. `expires` is in Unix seconds. */
export interface XetGrant {
  readonly url: string;
  readonly token: string;
  readonly expires: number;
  /** Where another one is to be had. */
  readonly renewAt: string;
}

/** The content store of the Xet protocol (huggingface.co/docs/xet/api). Errors are those of the connection. */
export interface ContentStore {
  /** The shard with which a chunk came; `undefined` when the store does not know it, or answers with none. */
  askChunk(hash: Uint8Array): Promise<Shard | undefined>;
  /** @param body made anew for every try */
  sendXorb(hash: string, length: number, body: NonNullable<Question['body']>): Promise<void>;
  sendShard(shard: Buffer): Promise<void>;
}

/** A token that is over in so many seconds is renewed first: one request may take as long. */
const RENEWED_BEFORE = 120;

/** The grant that an offer for an upload has in its headers, where it is one over Xet. */
export function findGrant(offer: UploadOffer | undefined): XetGrant | undefined {
  const upload = offer?.actions?.upload;
  if (upload === undefined) return undefined;
  const headers = new Map(
    Object.entries(upload.header ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  const [url, token] = [headers.get('x-xet-cas-url'), headers.get('x-xet-access-token')];
  if (url === undefined || token === undefined) return undefined;
  const expires = Number(headers.get('x-xet-token-expiration') ?? Number.NaN);
  return { url, token, expires, renewAt: upload.href };
}

/** @throws HubwrightError HUB_UNREACHABLE when the store's address is not as safe as the Hub's own */
export function openContentStore({ connection }: Hub, first: XetGrant, slowAnswerMs: number): ContentStore {
  checkAddress(first.url, connection.hubUrl);
  let grant = first;
  let renewal: Promise<void> | undefined;

  const renew = (): Promise<void> => {
    renewal ??= (async () => {
      const { value } = await connection.askFor(xetGrantAnswer, 'renew the upload token', grant.renewAt);
      checkAddress(value.casUrl, connection.hubUrl);
      grant = { ...grant, url: value.casUrl, token: value.accessToken, expires: value.exp };
    })().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };

  async function call(doing: string, path: string, question: Question = {}): Promise<Answer> {
    // Not so for NaN: a store that does not tell when its tokens end is not asked for another one each time.
    if (grant.expires - Date.now() / 1000 < RENEWED_BEFORE) await renew();
    const { token } = grant;
    const ask = () => connection.exchange(doing, grant.url + path, { ...question, token: grant.token });
    const answer = await ask();
    if (answer.status !== 401) return answer;
    if (grant.token === token) await renew();
    return ask();
  }

  async function send(doing: string, path: string, question: Question): Promise<void> {
    const answer = await call(doing, path, { method: 'POST', repeatable: true, ...question });
    if (!answer.ok) throw answer.refusal();
  }

  return {
    async askChunk(hash) {
      const answer = await call('ask what is stored already', `/v1/chunks/default/${toHex(hash)}`);
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw answer.refusal();
      return parseShard(answer.bytes);
    },
    sendXorb: (hash, length, body) =>
      send('send a part of a file', `/v1/xorbs/default/${hash}`, {
        headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(length) },
        body,
      }),
    sendShard: (shard) =>
      send('have the parts of a file joined', '/v1/shards', {
        headers: { 'Content-Type': 'application/octet-stream' },
        body: () => new Uint8Array(shard),
        stallMs: slowAnswerMs,
      }),
  };
}

/** The token goes there, so that it must be as safe from listeners as the Hub's own is. */
function checkAddress(url: string, hubUrl: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'https:' || (protocol === 'http:' && hubUrl.startsWith('http:'))) return;
  throw new HubwrightError('HUB_UNREACHABLE', 'the Hub names no usable address of its content store');
}
