import { appendFile } from 'node:fs/promises';
import type { PublishResult } from '../publish/index.ts';

/**
 * Hands the result to the later steps of a GitHub workflow, and puts it into the job's summary. Does nothing elsewhere.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export async function writeGitHubOutputs(env: NodeJS.ProcessEnv, result: PublishResult): Promise<void> {
  const { commit, pullRequest, plan, dryRun } = result;
  const outputs = {
    commit: commit?.oid ?? (dryRun ? '' : (plan.head ?? '')),
    url: commit?.url ?? plan.url,
    tag: dryRun ? '' : (result.tag ?? ''),
    'pull-request': pullRequest?.url ?? '',
    changed: String(commit !== null),
  };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  if (env.GITHUB_OUTPUT) await appendFile(env.GITHUB_OUTPUT, lines.join(''));
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, summarize(result));
}

function summarize({ commit, pullRequest, plan, usage, dryRun, tag }: PublishResult): string {
  const count = (action: string) => plan.files.filter((file) => file.action === action).length;
  const outcome = dryRun
    ? 'Dry run: nothing was written.'
    : commit === null
      ? `Nothing to do: [${plan.repo}](${plan.url}) holds these files already.`
      : `Published as [${commit.oid.slice(0, 7)}](${commit.url})${tag === undefined ? '' : `, tagged \`${tag}\``}.`;
  return [
    `### ${plan.repo}`,
    '',
    outcome,
    ...(pullRequest === null ? [] : [`Pull request: ${pullRequest.url}`]),
    '',
    `${count('add')} added, ${count('update')} updated, ${count('unchanged')} unchanged, ${plan.deleted.length} deleted.`,
    ...(dryRun ? [] : ['', '```python', usage, '```']),
    '',
    '',
  ].join('\n');
}
