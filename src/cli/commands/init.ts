import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { CONFIG_FILE } from '../../config.ts';
import { HubwrightError } from '../../errors.ts';
import { formatJson } from '../../formats/json.ts';
import { composeConfig, type InitAnswers, type Proposal, proposeConfig } from '../../init/index.ts';
import { formatProposal } from '../../report/proposal.ts';
import { type Context, createContext } from '../context.ts';
import type { GlobalFlags } from '../terminal.ts';

interface InitFlags extends GlobalFlags, InitAnswers {
  readonly force?: boolean;
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description('look at a run folder and write hubwright.json with what it tells')
    .argument('[run-dir]', 'the folder that training wrote', '.')
    .option('--template <text>', 'how a row becomes one text: "SQL: {{sql}}\\nNL: {{nl}}"', unescapeBreaks)
    .option('--label <column>', 'the column of true scores')
    .option('--max-length <tokens>', 'where training truncated, special tokens included', parseLength)
    .option('--base-model <owner/name>', 'the Hub id of the model that was fine-tuned')
    .option('--license <id>', "a license id of the Hub's list, such as apache-2.0")
    .option('--repo <owner/name>', 'where it will be published')
    .option('--force', `write over a ${CONFIG_FILE} that is there`)
    .action(async (runDir: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<InitFlags>();
      const context = createContext('init', flags);
      const target = join(runDir, CONFIG_FILE);
      if (flags.force !== true && existsSync(target)) {
        throw new HubwrightError('OUTPUT', `${target} is there already`, {
          hint: 'edit it, or write over it: hubwright init --force',
        });
      }
      const { template, label, maxLength, baseModel, license, repo } = flags;
      const answers = { template, label, maxLength, baseModel, license, repo };
      const proposal = await complete(runDir, answers, flags, context);
      const config = composeConfig(proposal.facts);
      await writeFileAtomic(target, formatJson(config));
      context.finish(formatProposal(proposal, target, runDir, context.paint), {
        file: target,
        config,
        ...proposal,
      });
    });
}

/** Asks on a terminal for what no file tells, and ends with all of it named elsewhere. */
async function complete(
  runDir: string,
  answers: InitAnswers,
  flags: InitFlags,
  context: Context,
): Promise<Proposal> {
  const { onProgress, signal } = context;
  const proposal = await proposeConfig(runDir, answers, { onProgress, signal });
  if (proposal.missing.length === 0) return proposal;
  if (!mayAsk(flags)) throw describeMissing(proposal, runDir);
  const asked = await ask(proposal, context);
  const complete = await proposeConfig(runDir, { ...answers, ...asked }, { onProgress, signal });
  if (complete.missing.length > 0) throw describeMissing(complete, runDir);
  return complete;
}

function mayAsk(flags: InitFlags): boolean {
  return flags.json !== true && process.stdin.isTTY === true && !('CI' in process.env);
}

async function ask({ missing }: Proposal, context: Context): Promise<InitAnswers> {
  context.pause();
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answers: Record<string, string | number> = {};
  try {
    for (const { key, what } of missing) {
      const answer = (await prompt.question(`${key}: ${what}\n> `, { signal: context.signal })).trim();
      if (answer === '') continue;
      const name = key.split('.').at(-1) ?? key;
      answers[name] = name === 'maxLength' ? parseLength(answer) : unescapeBreaks(answer);
    }
  } finally {
    prompt.close();
  }
  return answers;
}

function describeMissing({ missing, doubts }: Proposal, runDir: string): HubwrightError {
  const list = missing.map(({ key, what }) => `${key} (${what})`).join('; ');
  const flags = missing.map(({ flag }) => `${flag} …`).join(' ');
  const tried = doubts.map((doubt) => `; ${doubt}`).join('');
  return new HubwrightError('INPUT_MISSING', `no file of ${runDir} tells ${list}${tried}`, {
    hint: `say it: hubwright init ${runDir} ${flags}`,
  });
}

/** A shell passes `\n` as two characters; in a template it means a line break. */
function unescapeBreaks(text: string): string {
  return text.replaceAll('\\n', '\n');
}

function parseLength(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number of tokens was expected');
}
