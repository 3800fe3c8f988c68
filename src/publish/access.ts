import { HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';
import { type Account, connectHub, type Hub, type Settings } from './hub-client.ts';
import type { HubOptions } from './hub-connection.ts';
import { checkHubUrl } from './hub-url.ts';
import { checkRepo, listNames } from './names.ts';
import { checkToken } from './token.ts';

export interface Access {
  /** Undefined when the token does not let its owner be asked. */
  readonly account: Account | undefined;
  /** Whether the repository is there. */
  readonly exists: boolean;
  /** How the repository is set up, where it is there. */
  readonly settings: Settings | undefined;
}

export interface AccessOptions extends HubOptions {
  readonly accessToken: string;
  /** A pull request needs no more than a repository that can be read. @default false */
  readonly pullRequest?: boolean | undefined;
}

/**
 * Asks the Hub whether a publish may happen, before anything is computed for it. Changes nothing.
 *
 * @throws HubwrightError USAGE, INPUT_INVALID, HUB_REFUSED when the repository or its namespace is closed to the token,
 * HUB_UNREACHABLE
 */
export async function checkPublishAccess(options: AccessOptions): Promise<Access> {
  checkToken(options.accessToken, 'accessToken');
  checkRepo(options.repo);
  const hub = connectHub({ ...options, hubUrl: checkHubUrl(options.hubUrl) });
  return askAccess(hub, options.repo, options.pullRequest === true);
}

/** `checkPublishAccess` over a connection that is open. */
export async function askAccess(hub: Hub, repo: string, pullRequest: boolean): Promise<Access> {
  const account = await hub.askAccount();
  if (account?.role === 'read') {
    throw new HubwrightError('HUB_REFUSED', `the token of ${account.name} can only read`, {
      hint: 'make a token with write access under Settings → Access Tokens',
    });
  }
  const exists = await hub.checkAccess(pullRequest ? 'read' : 'write');
  if (exists) return { account, exists, settings: checkName(repo, await hub.readSettings()) };
  // The Hub's names are spelled as they were created, and found in any case.
  const namespace = repo.slice(0, repo.indexOf('/')).toLowerCase();
  if (account?.namespaces.some((own) => own.toLowerCase() === namespace) && !pullRequest)
    return { account, exists, settings: undefined };
  if (pullRequest) {
    throw new HubwrightError('HUB_REFUSED', `there is no ${repo} to open a pull request on`, {
      hint: 'publish without --pr first, or check the name',
    });
  }
  const whose = account === undefined ? 'this token' : `the token of ${account.name}`;
  throw new HubwrightError('HUB_REFUSED', `there is no ${repo} that ${whose} may write to or create`, {
    hint:
      account === undefined
        ? 'create the repository first, and name it in the trusted publisher'
        : `this token can publish under: ${listNames(account.namespaces)}`,
  });
}

/**
 * A repository that was renamed is found by its old name too. Its card, though, would name one that is no more, and what
 * is sent as a stream cannot be redirected.
 */
function checkName(repo: string, settings: Settings): Settings {
  if (settings.id.toLowerCase() === repo.toLowerCase()) return settings;
  const now = showText(settings.id);
  throw new HubwrightError('HUB_REFUSED', `${repo} was renamed: it is ${now} now`, {
    hint: `put the new name into hubwright.json, then: hubwright publish --repo ${now}`,
  });
}
