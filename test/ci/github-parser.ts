import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

type Parser = typeof import('@actions/workflow-parser') &
  typeof import('@actions/workflow-parser/actions/action-parser');

/** What GitHub finds wrong with a workflow or an action, with line and column; nothing when all is well. */
export interface GitHubParser {
  checkWorkflow(name: string, content: string): Promise<string[]>;
  checkAction(name: string, content: string): string[];
}

/** GitHub's own parser, as its editor extension has it. It imports JSON as bundlers alone take it, so it is bundled first. */
export async function loadGitHubParser(): Promise<GitHubParser> {
  const dir = await mkdtemp(join(import.meta.dirname, '.parser-'));
  try {
    const entry = join(dir, 'entry.js');
    await writeFile(
      entry,
      "export * from '@actions/workflow-parser';\nexport * from '@actions/workflow-parser/actions/action-parser';\n",
    );
    const bundle = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
    const file = join(dir, 'parser.mjs');
    await bundle.write({ file });
    await bundle.close();
    return useParser((await import(pathToFileURL(file).href)) as Parser);
  } finally {
    await rm(dir, { recursive: true });
  }
}

function useParser({ convertWorkflowTemplate, NoOperationTraceWriter, parseAction, parseWorkflow }: Parser) {
  const trace = new NoOperationTraceWriter();
  return {
    async checkWorkflow(name: string, content: string) {
      const { context, value } = parseWorkflow({ name, content }, trace);
      if (value !== undefined) await convertWorkflowTemplate(context, value);
      return context.errors.getErrors().map(({ message }) => message);
    },
    checkAction(name: string, content: string) {
      const { context } = parseAction({ name, content }, trace);
      return context.errors.getErrors().map(({ message }) => message);
    },
  };
}
