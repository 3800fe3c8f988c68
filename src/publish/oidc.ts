import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';
import type { StageOptions } from '../progress.ts';
import {
  codeOf,
  describeRefusal,
  describeSilence,
  parseLoosely,
  type Refusal,
  RUN_AGAIN,
  readRefusal,
  tellRefusal,
} from './hub-failure.ts';
import { readJobClaims } from './job-claims.ts';
import { createSender, type Sending } from './retry.ts';
import { checkToken, type Environment, type FoundToken, findToken } from './token.ts';

export interface ObtainOptions extends StageOptions {
  readonly hubUrl: string;
  readonly fetch?: typeof fetch | undefined;
}

/**
 * The token to use, in huggingface_hub's order: where `HF_OIDC_RESOURCE` names a repository, one that the Hub gives for the
 * identity of this CI job, and nothing else then; otherwise the one of `findToken`.
 *
 * @throws HubwrightError INPUT_MISSING, INPUT_INVALID, HUB_REFUSED or HUB_UNREACHABLE
 */
export async function obtainToken(env: Environment, options: ObtainOptions): Promise<FoundToken> {
  const resource = env.HF_OIDC_RESOURCE?.trim();
  return resource ? exchangeIdentity(env, resource, options) : findToken(env);
}

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token';

/**
 * Trusted publishing: the CI's identity token against one of the Hub that is valid for an hour and one repository.
 *
 * @see https://huggingface.co/docs/hub/trusted-publishers
 */
async function exchangeIdentity(
  env: Environment,
  resource: string,
  options: ObtainOptions,
): Promise<FoundToken> {
  const identity = env.HF_OIDC_ID_TOKEN?.trim() || (await askGitHub(env, options));
  const doing = `get a token for ${resource} by trusted publishing`;
  const explain = (refusal: Refusal) => explainExchange(doing, resource, identity, options.hubUrl, refusal);
  const answer = await ask(options, doing, `${options.hubUrl}/oauth/token`, [identity], explain, {
    method: 'POST',
    repeatable: true,
    headers: { 'Content-Type': 'application/json' },
    body: () =>
      JSON.stringify({
        grant_type: GRANT,
        subject_token_type: ID_TOKEN,
        subject_token: identity,
        resource,
      }),
  });
  const parsed = z.object({ access_token: z.string() }).safeParse(answer);
  const source = `trusted publishing for ${resource}`;
  if (!parsed.success) throw describeSilence(doing, new URL(options.hubUrl).host, undefined);
  return { token: checkToken(parsed.data.access_token, source), source };
}

/** The Hub never says which of its checks failed, so the job's claims are set beside the place where they are matched. */
function explainExchange(
  doing: string,
  resource: string,
  identity: string,
  hubUrl: string,
  refusal: Refusal,
): HubwrightError {
  const { status, words } = refusal;
  const untrusted = status === 401 || status === 403 || (status === 400 && words.startsWith('invalid_grant'));
  if (!untrusted) return describeRefusal(doing, refusal);
  const { shown, audiences } = readJobClaims(identity);
  const told = shown === '' ? '' : `; the job showed ${shown}`;
  const place = resource.includes('/')
    ? `Trusted Publishers on ${hubUrl}/${resource}/settings`
    : `CI/CD Access on ${hubUrl}/settings/authentication`;
  const isForHub = audiences.length === 0 || audiences.includes(hubUrl);
  return new HubwrightError('HUB_REFUSED', `${tellRefusal(doing, 'the Hub', refusal)}${told}`, {
    hint: isForHub
      ? `this job is no trusted publisher of ${resource}: add it under ${place}; every claim there must match exactly`
      : `let the CI make the identity token for the audience ${hubUrl}, not ${showText(audiences.join(', '))}`,
  });
}

/** GitHub gives a job its identity where the workflow allows `id-token: write`. The Hub is the audience. */
async function askGitHub(env: Environment, options: ObtainOptions): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!address || !bearer || !URL.canParse(address)) {
    const message = 'HF_OIDC_RESOURCE is set, and this job has no identity to show to the Hub';
    throw new HubwrightError('INPUT_MISSING', message, {
      hint: 'on GitHub set permissions: id-token: write; elsewhere put the identity token into HF_OIDC_ID_TOKEN',
    });
  }
  const url = new URL(address);
  url.searchParams.set('audience', options.hubUrl);
  const doing = 'ask GitHub for the identity of this job';
  const explain = (refusal: Refusal) =>
    new HubwrightError(codeOf(refusal.status), tellRefusal(doing, 'GitHub', refusal), {
      hint:
        codeOf(refusal.status) === 'HUB_UNREACHABLE'
          ? RUN_AGAIN
          : 'set permissions: id-token: write for this job, and run it again',
    });
  const answer = await ask(options, doing, url.href, [bearer], explain, {
    headers: { Authorization: `Bearer ${bearer}` },
  });
  const parsed = z.object({ value: z.string().min(1) }).safeParse(answer);
  if (!parsed.success) throw describeSilence(doing, url.host, undefined);
  return parsed.data.value;
}

/** The JSON of an answer. What is secret in the request is cut out of a refusal; a failure's cause is not kept. */
async function ask(
  options: ObtainOptions,
  doing: string,
  url: string,
  secrets: readonly string[],
  explain: (refusal: Refusal) => HubwrightError,
  request: Sending,
): Promise<unknown> {
  const send = createSender(options.fetch ?? globalThis.fetch, options);
  const response = await send(url, request).catch((error: unknown) => {
    throw error instanceof HubwrightError ? error : describeSilence(doing, new URL(url).host, undefined);
  });
  const text = await response.text();
  if (response.ok) return parseLoosely(text);
  const redact = (words: string) => secrets.reduce((kept, secret) => kept.replaceAll(secret, '…'), words);
  throw explain({ ...readRefusal(response, text, redact), requestId: undefined });
}
