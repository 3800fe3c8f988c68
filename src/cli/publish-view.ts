import { createInterface } from 'node:readline/promises';
import type { PublishPlan, PublishResult } from '../publish/index.ts';
import { formatPlan } from '../report/plan.ts';
import type { Context } from './context.ts';
import { painter } from './terminal.ts';

interface AskFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Whether there is somebody to ask. What runs unattended never waits for an answer. */
export function mayAsk(flags: AskFlags): boolean {
  return flags.yes !== true && flags.json !== true && process.stdin.isTTY === true && !('CI' in process.env);
}

/** Shows a plan and asks whether it shall be carried out. */
export async function askAbout(plan: PublishPlan, context: Context): Promise<boolean> {
  context.pause();
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    process.stderr.write(`${formatPlan(plan, painter(process.stderr))}\n`);
    const answer = await prompt.question('Publish this? [y/N] ', { signal: context.signal });
    return /^y(es)?$/i.test(answer.trim());
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
