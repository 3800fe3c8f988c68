import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import type { StageOptions } from '../progress.ts';
import { describeRefusal, describeSilence, parseLoosely, readRefusal } from './hub-failure.ts';
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
  const answer = await ask(options, doing, `${options.hubUrl}/oauth/token`, [identity], {
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
  const answer = await ask(options, doing, url.href, [bearer], {
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
  request: Sending,
): Promise<unknown> {
  const send = createSender(options.fetch ?? globalThis.fetch, options);
  const response = await send(url, request).catch((error: unknown) => {
    throw error instanceof HubwrightError ? error : describeSilence(doing, new URL(url).host, undefined);
  });
  const text = await response.text();
  if (response.ok) return parseLoosely(text);
  const redact = (words: string) => secrets.reduce((kept, secret) => kept.replaceAll(secret, '…'), words);
  throw describeRefusal(doing, { ...readRefusal(response, text, redact), requestId: undefined });
}
