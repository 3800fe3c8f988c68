import { appendFile } from 'node:fs/promises';
import type { PublishResult } from '../publish/index.ts';

/** What later steps of a workflow are told, and what the job's summary shows. */
export interface GitHubOutcome {
  readonly outputs: Readonly<Record<'commit' | 'url' | 'tag' | 'pull-request' | 'changed', string>>;
  /** Markdown. */
  readonly summary: string;
}

export function describePublished(result: PublishResult): GitHubOutcome {
  const { commit, pullRequest, plan, dryRun } = result;
  return {
    outputs: {
      commit: commit?.oid ?? (dryRun ? '' : (plan.head ?? '')),
      url: commit?.url ?? plan.url,
      tag: dryRun ? '' : (result.tag ?? ''),
      'pull-request': pullRequest?.url ?? '',
      changed: String(commit !== null),
    },
    summary: summarize(result),
  };
}

/** A run whose verification failed: the repository is as it was. */
export function describeFailed(repo: string, hubUrl: string): GitHubOutcome {
  const url = `${hubUrl}/${repo}`;
  return {
    outputs: { commit: '', url, tag: '', 'pull-request': '', changed: 'false' },
    summary: `### ${repo}\n\nNot published: the verification failed. [${repo}](${url}) is as it was.\n\n`,
  };
}

/**
 * Hands an outcome to the later steps of a GitHub workflow, and puts it into the job's summary. Does nothing elsewhere.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export async function writeGitHubOutputs(
  env: NodeJS.ProcessEnv,
  { outputs, summary }: GitHubOutcome,
): Promise<void> {
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  if (env.GITHUB_OUTPUT) await appendFile(env.GITHUB_OUTPUT, lines.join(''));
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, summary);
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
