import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { SAMPLE_RUN } from '../fixtures/sample-run.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';
import { PYTHON, WITHOUT_PYTHON } from '../oracle/python.ts';

const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Live: what a reader copies from the card runs, and prints what the card says it prints. */
describe.skipIf(PYTHON === undefined)(`the snippets of the sample model${WITHOUT_PYTHON}`, () => {
  it('print the score that stands beside them', async () => {
    const dir = join(makeTempDir(), 'bundle');
    await assemble(SAMPLE_RUN, { config: await loadConfig(join(SAMPLE_RUN, 'hubwright.json')), outDir: dir });
    const card = readFileSync(join(dir, 'README.md'), 'utf8');
    const [text = '', ...ways] = listFences(card, 'python');
    expect(ways).toHaveLength(3);
    for (const code of ways) {
      expect(run(dir, PYTHON ?? '', ['-c', `${text}\n${code}`]), code).toBe(expectedOutput(code, '#'));
    }
    const [node = ''] = listFences(card, 'js');
    symlinkSync(NODE_MODULES, join(dir, 'node_modules'));
    writeFileSync(join(dir, 'snippet.mjs'), node);
    expect(run(dir, process.execPath, ['snippet.mjs']), node).toBe(expectedOutput(node, '//'));
  }, 300_000);
});

function listFences(card: string, language: string): string[] {
  return [...card.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );
}

/** The comment behind the line that prints. */
function expectedOutput(code: string, comment: string): string {
  const [, text] = new RegExp(`${comment} (-?\\d+\\.\\d{3})$`, 'm').exec(code) ?? [];
  if (text === undefined) throw new Error(`no output stands beside the code:\n${code}`);
  return text;
}

function run(cwd: string, command: string, args: string[]): string {
  const env = {
    ...process.env,
    HF_HUB_OFFLINE: '1',
    HF_MODULES_CACHE: join(makeTempDir(), 'modules'),
    TRANSFORMERS_VERBOSITY: 'error',
  };
  return execFileSync(command, args, { cwd, env, encoding: 'utf8' }).trim();
}
