import { checkGate, requireCommit, requireProposer, requireReadable } from '../access.ts';
import { sendJson } from '../answer.ts';
import { type Exchange, getParam, type Handler, isSet } from '../exchange.ts';
import type { Repository } from '../storage/repository.ts';
import type { XetGrant } from '../xet/token.ts';

/** Where the content store is, below the Hub's own address. */
export const CAS_PATH = '/xet-cas';

/** GET /api/models/:ns/:name/xet-read-token/:rev */
export const readToken: Handler = async (exchange) => {
  const repository = await requireReadable(exchange);
  checkGate(exchange, repository);
  await requireCommit(repository, getParam(exchange, 'rev'));
  sendToken(exchange, repository, 'read');
};

/** GET /api/models/:ns/:name/xet-write-token/:rev[?create_pr=1]; for a new pull request the revision says nothing. */
export const writeToken: Handler = async (exchange) => {
  const repository = await requireProposer(exchange);
  if (!isSet(exchange.query, 'create_pr')) await requireCommit(repository, getParam(exchange, 'rev'));
  sendToken(exchange, repository, 'write');
};

/** The headers that give access to the content store; clients read them from LFS batches and token answers. */
export function grantAccess(
  { hub, origin }: Exchange,
  { meta }: Repository,
  scope: XetGrant['scope'],
): Record<string, string> {
  const { token, expires } = hub.xet.tokens.issue({ namespace: meta.namespace, name: meta.name, scope });
  return {
    'X-Xet-Cas-Url': origin + CAS_PATH,
    'X-Xet-Access-Token': token,
    'X-Xet-Token-Expiration': String(expires),
  };
}

function sendToken(exchange: Exchange, repository: Repository, scope: XetGrant['scope']): void {
  const headers = grantAccess(exchange, repository, scope);
  const body = {
    casUrl: headers['X-Xet-Cas-Url'],
    accessToken: headers['X-Xet-Access-Token'],
    exp: Number(headers['X-Xet-Token-Expiration']),
  };
  sendJson(exchange.response, body, 200, headers);
}
