import { createInterface } from 'node:readline/promises';
import { HubwrightError } from '../errors.ts';
import type { PublishPlan, PublishResult } from '../publish/index.ts';
import { formatPlan } from '../report/plan.ts';
import type { Context } from './context.ts';
import { painter } from './terminal.ts';

interface AskFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Whether there is somebody to ask, who sees the question. What runs unattended never waits for an answer. */
export function mayAsk(flags: AskFlags): boolean {
  const { stdin, stderr, env } = process;
  const isAttended = stdin.isTTY === true && stderr.isTTY === true && !('CI' in env);
  return flags.yes !== true && flags.json !== true && isAttended;
}

/**
 * Shows a plan and asks whether it shall be carried out. The end of the input is a no.
 *
 * @throws HubwrightError ABORTED on Ctrl-C
 */
export async function askAbout(plan: PublishPlan, { pause, signal }: Context): Promise<boolean> {
  pause();
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    process.stderr.write(`${formatPlan(plan, painter(process.stderr))}\n`);
    // While a question stands, the terminal hands Ctrl-C over as a key.
    prompt.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const ended = new Promise<string>((done) => prompt.once('close', () => done('')));
    const answer = await Promise.race([prompt.question('Publish this? [y/N] ', { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new HubwrightError('ABORTED', 'stopped at the question: nothing was published', { cause });
  } finally {
    prompt.close();
  }
}

/** The plan and what became of it, below the report. */
export function formatOutcome(result: PublishResult, { paint }: Context): string {
  return [
    formatPlan(result.plan, paint),
    ...describeOutcome(result, paint),
    ...(result.dryRun ? [] : [`  ${result.usage}`]),
  ].join('\n');
}

function describeOutcome(result: PublishResult, paint: Context['paint']): string[] {
  if (result.dryRun) return ['dry run: nothing was written'];
  const pull = result.pullRequest === null ? [] : [`  pull request: ${result.pullRequest.url}`];
  if (result.commit === null) {
    return [`${paint('green', '✔')} nothing to do: ${result.url} holds these files already`, ...pull];
  }
  return [
    `${paint('green', '✔ published')}: ${result.commit.url}`,
    ...pull,
    `  ${result.verifiedFiles} files read back and compared`,
  ];
}
