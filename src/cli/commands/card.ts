import { join } from 'node:path';
import type { Command } from 'commander';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import writeFileAtomic from 'write-file-atomic';
import { readLock, relock } from '../../bundle.ts';
import { CARD_FILE, readCard, renderCard } from '../../card/index.ts';
import { CONFIG_FILE } from '../../config.ts';
import { EXIT } from '../../errors.ts';
import { type CardProposal, proposeCard } from '../../publish/card-proposal.ts';
import { type Context, createContext } from '../context.ts';
import { openHub } from '../hub-access.ts';
import type { GlobalFlags } from '../terminal.ts';

interface CardFlags extends GlobalFlags {
  readonly check?: boolean;
  readonly repo?: string;
}

export function addCard(program: Command): void {
  program
    .command('card')
    .description("regenerate a bundle's README.md from its files; your text and the weights are not touched")
    .argument('[bundle]', 'the bundle folder', '.')
    .option('--check', 'change nothing; show what would change, and exit 1 when something would')
    .option(
      '--repo <owner/name>',
      'propose the card of a published model in a pull request; reads no weights',
    )
    .action(async (dir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CardFlags>();
      const context = createContext('card', flags);
      if (flags.repo !== undefined) return regeneratePublished(flags.repo, flags, context);
      const { finish, onProgress } = context;
      const lock = await readLock(dir);
      const path = join(dir, CARD_FILE);
      const before = await readCard(dir);
      const { text, todo } = await renderCard(dir, { existing: before });
      const changed = before !== text;
      if (flags.check === true) {
        const diff = changed ? showChanges(before ?? '', text) : undefined;
        const words = changed
          ? `${diff}${path} is out of date\nnext: hubwright card ${dir}`
          : `${path} is up to date`;
        finish(words, { bundle: dir, changed, diff, todo });
        if (changed) process.exitCode = EXIT.findings;
        return;
      }
      for (const line of todo) onProgress({ kind: 'note', message: `you could add ${line}` });
      if (changed) await writeFileAtomic(path, text);
      // The author's own prose between the markers, and the settings that the card is made from, may have been edited.
      await relock(dir, lock, [CARD_FILE, CONFIG_FILE]);
      finish(changed ? `${path} written` : `${path} was up to date`, { bundle: dir, changed, todo });
    });
}

async function regeneratePublished(repo: string, flags: CardFlags, context: Context): Promise<void> {
  const { finish, onProgress, signal } = context;
  const access = await openHub(context);
  const check = flags.check === true;
  const { before, text, todo, changed, pull } = await proposeCard({
    ...access,
    repo,
    check,
    onProgress,
    signal,
  });
  const diff = changed ? showChanges(before, text) : undefined;
  if (!check) for (const line of todo) onProgress({ kind: 'note', message: `you could add ${line}` });
  const outcome = pull === null ? `next: hubwright card --repo ${repo}` : describePull(pull);
  const words = changed ? `${diff}${outcome}` : `the card of ${repo} is up to date`;
  finish(words, { repo, changed, diff, todo, pull });
  if (check && changed) process.exitCode = EXIT.findings;
}

function describePull({ number, url, isNew }: NonNullable<CardProposal['pull']>): string {
  return `pull request ${number} ${isNew ? 'opened' : 'holds it'}: ${url}`;
}

/** A unified diff, as `git diff` shows one. */
function showChanges(before: string, after: string): string {
  return createTwoFilesPatch(CARD_FILE, CARD_FILE, before, after, 'as it is', 'as it would be', {
    headerOptions: FILE_HEADERS_ONLY,
  });
}
