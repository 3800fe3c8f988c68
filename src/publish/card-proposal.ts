import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CARD_FILE, type RenderedCard, readCard, renderCard } from '../card/index.ts';
import { HubwrightError } from '../errors.ts';
import { commitOnce } from './commit.ts';
import { fetchFiles } from './download.ts';
import { startGitHash } from './git-hash.ts';
import { connectHub, type Hub } from './hub-client.ts';
import type { HubOptions } from './hub-connection.ts';
import { RUN_AGAIN } from './hub-failure.ts';
import { checkHubUrl } from './hub-url.ts';
import { checkRepo } from './names.ts';
import type { PatientOptions } from './patience.ts';
import { planDeletion } from './plan.ts';
import { findOwnPull, openPull, updatePull } from './pull-request.ts';
import type { RemoteFile } from './remote-state.ts';
import { STATEMENT_FILES } from './stale-statements.ts';

export interface CardProposalOptions
  extends PatientOptions,
    Pick<HubOptions, 'repo' | 'hubUrl' | 'accessToken' | 'fetch'> {
  /** Look only: nothing is written to the Hub. @default false */
  readonly check?: boolean | undefined;
}

export interface CardProposal extends RenderedCard {
  readonly repo: string;
  /** The card as it is published; empty where there is none. */
  readonly before: string;
  readonly changed: boolean;
  /** Where the change is proposed; null when nothing is, or only looked at. */
  readonly pull: { readonly number: number; readonly url: string; readonly isNew: boolean } | null;
}

/** What a card is not made from: weights, pictures, signatures and pickles. */
const NOT_READ = /\.(safetensors|bin|onnx_data|png|svg|sig|pt|pth)$/;
/** A graph that holds its own weights is left where it is too. */
const MOST_BYTES = 64 * 1024 * 1024;
const TITLE = 'Regenerate the model card';
const DESCRIPTION =
  'README.md as `hubwright card` makes it from the files of this repository. What its author wrote is kept. `model.sig` and `provenance.intoto.json` of the README.md before go with it. `verification.json` stays and is about that one too: `hubwright verify` fails by lock-intact until the next `hubwright publish`.';

/**
 * Makes the card of a published repository anew, from its small files alone, and proposes it in a pull request: the one
 * that an earlier run opened, if it is open still.
 *
 * @throws HubwrightError HUB_REFUSED, HUB_CONFLICT, HUB_UNREACHABLE, or what rendering a card throws
 */
export async function proposeCard(options: CardProposalOptions): Promise<CardProposal> {
  const { repo, onProgress } = options;
  checkRepo(repo);
  const hub = connectHub({ ...options, hubUrl: checkHubUrl(options.hubUrl) });
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-card-'));
  try {
    const commit = await hub.resolveRevision('main');
    const tree = await hub.listTree(commit);
    const files = tree.filter(({ path, size }) => !NOT_READ.test(path) && size <= MOST_BYTES);
    onProgress?.({ kind: 'start', stage: 'download', message: `downloading ${repo}, but for its weights` });
    await fetchFiles(hub, dir, { ...options, commit, files });
    onProgress?.({ kind: 'done', stage: 'download', message: `${files.length} of ${tree.length} files` });
    const existing = await readCard(dir);
    const listed = tree.map(({ path, size }) => ({ path, bytes: size }));
    const { text, todo } = await renderCard(dir, { existing, listed });
    const changed = text !== existing;
    const found = { repo, before: existing ?? '', text, todo, changed };
    if (!changed || options.check === true) return { ...found, pull: null };
    await writeFile(join(dir, CARD_FILE), text);
    return { ...found, pull: await propose(hub, dir, text, commit, options) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function propose(
  hub: Hub,
  dir: string,
  text: string,
  main: string,
  options: CardProposalOptions,
): Promise<NonNullable<CardProposal['pull']>> {
  const { repo, onProgress } = options;
  onProgress?.({ kind: 'start', stage: 'upload', message: `proposing the card of ${repo}` });
  const author = (await hub.askAccount())?.name;
  const own = await findOwnPull(hub, author, 'card');
  const about = { title: TITLE, description: DESCRIPTION };
  const number = own?.num ?? (await openPull(hub, author, about, options, 'card'));
  const revision = `refs/pr/${number}`;
  const parent = own === undefined ? main : await hub.resolveRevision(revision);
  const file = describeCard(text);
  const tree = await hub.listTree(parent);
  const there = tree.find(({ path }) => path === CARD_FILE);
  if (there === undefined || !isSame(there, text)) {
    const stale = tree.filter(({ path }) => STATEMENT_FILES.includes(path));
    const deleted = stale.flatMap((one) => planDeletion(one, 'it is about another README.md'));
    const plan = { repo, ...about, files: [file], deleted };
    const outcome = await commitOnce(hub, { dir, plan, revision, parent }, options);
    if ('movedTo' in outcome) {
      throw new HubwrightError('HUB_CONFLICT', `pull request ${number} of ${repo} was changed meanwhile`, {
        hint: RUN_AGAIN,
      });
    }
    for (const { path, reason } of deleted)
      onProgress?.({ kind: 'note', message: `${path} goes: ${reason}` });
  }
  await updatePull(hub, number, DESCRIPTION, 'card');
  onProgress?.({ kind: 'done', stage: 'upload', message: `pull request ${number}` });
  return {
    number,
    url: `${checkHubUrl(options.hubUrl)}/${repo}/discussions/${number}`,
    isNew: own === undefined,
  };
}

function describeCard(text: string) {
  const bytes = Buffer.from(text);
  return {
    path: CARD_FILE,
    action: 'update' as const,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mode: 'regular' as const,
  };
}

/** A card is small: the Hub keeps it in Git, and names it by Git's hash. */
function isSame({ gitOid }: RemoteFile, text: string): boolean {
  const bytes = Buffer.from(text);
  return startGitHash(bytes.length).update(bytes).digest('hex') === gitOid;
}
