import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeFailed } from '../../src/cli/github-outputs.ts';
import { type GitHubParser, loadGitHubParser } from './github-parser.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const WORKFLOWS = readdirSync(join(ROOT, 'examples/github')).map((name) => `examples/github/${name}`);

let github: GitHubParser;
beforeAll(async () => {
  github = await loadGitHubParser();
});

interface Step {
  readonly id?: string;
}

/** Names that expressions use of a kind, such as `steps.<name>.`. */
const namesOf = (text: string, kind: 'steps' | 'inputs' | 'needs') => [
  ...new Set(
    [...text.matchAll(new RegExp(`\\$\\{\\{[^}]*\\b${kind}\\.([\\w-]+)`, 'g'))].map(([, name]) => name),
  ),
];

describe('the workflows, by the parser of GitHub', () => {
  test.each(WORKFLOWS)('%s', async (path) => {
    expect(await github.checkWorkflow(path, read(path))).toEqual([]);
  });

  test.each(WORKFLOWS)('%s refers to steps that its job has', (path) => {
    for (const job of Object.values<{ steps: Step[] }>(parse(read(path)).jobs)) {
      const ids = job.steps.map(({ id }) => id);
      for (const name of namesOf(JSON.stringify(job), 'steps')) expect(ids).toContain(name);
    }
  });

  // The parser would be no judge if it let these pass.
  test.each([
    ['a permission', 'id-token: write', 'id-token: maybe', "Unexpected value 'maybe'"],
    ['a job', 'needs: verify', 'needs: verfy', "depends on unknown job 'verfy'"],
    ['a context', 'vars.HF_REPO', 'vrs.HF_REPO', "Unrecognized named-value: 'vrs'"],
    ['a key', 'concurrency:', 'concurency:', "Unexpected value 'concurency'"],
    ['a function', 'startsWith(', 'startWith(', "Unrecognized function: 'startWith'"],
    ['a runner', 'runs-on: ubuntu-latest', '', 'Required property is missing: runs-on'],
  ])('sees a slip in %s', async (_, right, wrong, words) => {
    const path = 'examples/github/publish-model.yml';
    const errors = await github.checkWorkflow(path, read(path).replace(right, wrong));
    expect(errors.join('\n')).toContain(words);
  });
});

describe('the action, by the parser of GitHub', () => {
  test('is one', () => {
    expect(github.checkAction('action.yml', read('action.yml'))).toEqual([]);
  });

  test.each([
    ['a shell', 'shell: bash', '', 'Required property is missing: shell'],
    ['a context', 'inputs.version', 'input.version', "Unrecognized named-value: 'input'"],
    ['a key', 'description: The tag', 'descripton: The tag', "Unexpected value 'descripton'"],
  ])('sees a slip in %s', (_, right, wrong, words) => {
    const errors = github.checkAction('action.yml', read('action.yml').replace(right, wrong));
    expect(errors.join('\n')).toContain(words);
  });

  test('uses each of its inputs and no other, and steps that it has', () => {
    const action = parse(read('action.yml'));
    expect(namesOf(read('action.yml'), 'inputs').sort()).toEqual(Object.keys(action.inputs).sort());
    const ids = action.runs.steps.map(({ id }: Step) => id);
    for (const name of namesOf(read('action.yml'), 'steps')) expect(ids).toContain(name);
  });

  test('gives the outputs that publish sets, each under its own name', () => {
    const { outputs } = parse(read('action.yml')) as { outputs: Record<string, { value: string }> };
    const set = Object.keys(describeFailed('me/model', 'https://hub.example').outputs);
    expect(Object.keys(outputs).sort()).toEqual(set.sort());
    for (const [name, { value }] of Object.entries(outputs)) {
      expect(value).toBe(`\${{ steps.publish.outputs.${name} }}`);
    }
  });
});
