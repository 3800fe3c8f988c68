import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { ReportContext } from '../report/format.ts';
import { github, renderSummary } from '../report/github.ts';
import type { VerificationReport } from '../verification.ts';

export function runsOnGitHub(env: NodeJS.ProcessEnv): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/**
 * On GitHub Actions the job's summary gets the report, and the text to print gets annotations behind it: workflow
 * commands are read from stdout, so that there are none beside a JSON document. Elsewhere the text stays as it is.
 */
export async function tellGitHub(
  text: string,
  report: VerificationReport,
  context: ReportContext,
  { json, quiet }: { readonly json?: boolean; readonly quiet?: boolean },
): Promise<string> {
  if (!runsOnGitHub(process.env)) return text;
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary !== undefined && summary !== '')
    await appendFile(summary, await renderSummary(report, context));
  if (json === true || quiet === true) return text;
  // The text quotes file names and cells: a line of it that looks like a workflow command must not be one.
  const token = randomUUID();
  const annotations = await github.render(report, context);
  return `::stop-commands::${token}\n${text}\n::${token}::\n${annotations}`.trimEnd();
}
