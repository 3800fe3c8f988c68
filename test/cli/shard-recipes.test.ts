import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const docs = readFileSync(join(ROOT, 'docs/sharding.md'), 'utf8');

/** The blocks of code of a section, in order. */
function blocksOf(title: string): string[] {
  const [, section = ''] = docs.split(`\n## ${title}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** Finds its shard as the command does and leaves an empty part; a merge is noted with the parts that it was given. */
const HUBWRIGHT = `
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseShard } from ${JSON.stringify(join(ROOT, 'dist/cli/shard.js'))};
import { namePart } from ${JSON.stringify(join(ROOT, 'dist/verify/parts.js'))};
const [command, , flag, ...rest] = process.argv.slice(2);
if (command !== 'verify') throw new Error(command);
if (flag === '--merge') appendFileSync(process.env.MERGES, rest.length + '\\n');
else writeFileSync(join(rest[2], namePart(parseShard(rest[0], process.env))), '');
`;

/** What a Job would start: \`--env\` and \`--volume\` as they are given, the command behind the image. */
const HF = `
import { spawnSync } from 'node:child_process';
const words = process.argv.slice(2);
if (words[0] !== 'jobs' || words[1] !== 'run') process.exit(0);
const env = { ...process.env };
const image = words.indexOf('node:22');
for (const [i, word] of words.entries()) {
  if (word !== '--env' || i > image) continue;
  const [name, value] = words[i + 1].split('=');
  env[name] = value;
}
const command = words.slice(image + 1).filter((word) => word !== 'npx' && word !== '--yes');
const here = command.map((word) => (word.startsWith('/') ? process.env.WORK + word : word));
process.exit(spawnSync(here[0], here.slice(1), { env, stdio: 'inherit' }).status ?? 1);
`;

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'hubwright-recipes-'));
  for (const folder of ['bin', 'parts', 'data', 'bundle']) mkdirSync(join(work, folder));
  for (const [name, source] of Object.entries({ hubwright: HUBWRIGHT, hf: HF })) {
    writeFileSync(join(work, `${name}.mjs`), source);
    writeFileSync(join(work, 'bin', name), `#!/bin/sh\nexec ${process.execPath} ${work}/${name}.mjs "$@"\n`);
    chmodSync(join(work, 'bin', name), 0o755);
  }
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function shell(script: string, env: Record<string, string> = {}): void {
  const path = `${join(work, 'bin')}${delimiter}${process.env.PATH}`;
  execFileSync('sh', ['-euc', script], {
    cwd: work,
    env: { PATH: path, HOME: work, WORK: work, MERGES: join(work, 'merges'), ...env },
  });
}

const NUMBERS = ['0', '1', '2', '3'];
const expectAllParts = (folder: string) =>
  expect(readdirSync(join(work, folder)).sort()).toEqual(
    [1, 2, 3, 4].map((index) => `verification.part-${index}-of-4.json`),
  );
const expectMerge = () => expect(readFileSync(join(work, 'merges'), 'utf8')).toBe('4\n');

test('Slurm: the script in each task of its array, then the merge that waits for it', () => {
  const [script = '', submit = ''] = blocksOf('Slurm');
  const [, least = '', most = ''] = /--array=(\d+)-(\d+)/.exec(script) ?? [];
  for (let id = Number(least); id <= Number(most); id += 1) {
    shell(script, {
      SLURM_ARRAY_TASK_ID: String(id),
      SLURM_ARRAY_TASK_MIN: least,
      SLURM_ARRAY_TASK_MAX: most,
      SLURM_ARRAY_TASK_COUNT: String(Number(most) - Number(least) + 1),
    });
  }
  expectAllParts('parts');
  shell(/--wrap '(.*)'/.exec(submit)?.[1] ?? 'false');
  expectMerge();
});

test('Kubernetes: the command of each pod of the Job', () => {
  const { spec } = parse(blocksOf('Kubernetes')[0] ?? '');
  const [container] = spec.template.spec.containers;
  expect([spec.completionMode, String(spec.completions)]).toEqual(['Indexed', container.env[0].value]);
  const command = container.command
    .map((word: string) => word.replace('/data', join(work, 'data')))
    .join(' ');
  for (const JOB_COMPLETION_INDEX of NUMBERS) {
    shell(command, { JOB_COMPLETION_INDEX, [container.env[0].name]: container.env[0].value });
  }
  expectAllParts('data');
});

test('GitLab: the script of each of its jobs, then the merge', () => {
  const { score, verify } = parse(blocksOf('GitLab')[0] ?? '');
  for (let node = 1; node <= score.parallel; node += 1) {
    shell(score.script, { CI_NODE_INDEX: String(node), CI_NODE_TOTAL: String(score.parallel) });
  }
  expectAllParts('parts');
  shell(verify.script);
  expectMerge();
});

test('GitHub: the step of each job of the matrix, then the merge', () => {
  const { jobs } = parse(blocksOf('GitHub')[0] ?? '');
  const { shard } = jobs.score.strategy.matrix;
  const env: Record<string, string> = jobs.score.env;
  const stepOf = (job: { steps: { run?: string }[] }) => job.steps.find(({ run }) => run)?.run ?? 'false';
  for (const index of shard.keys()) {
    const known: Record<string, string> = {
      '${{ strategy.job-index }}': String(index),
      '${{ strategy.job-total }}': String(shard.length),
    };
    shell(
      stepOf(jobs.score),
      Object.fromEntries(Object.entries(env).map(([name, value]) => [name, known[value] ?? 'unknown'])),
    );
  }
  expectAllParts('parts');
  shell(stepOf(jobs.verify));
  expectMerge();
});

test('Hugging Face Jobs: the loop that starts them, then the merge', () => {
  const [start = '', join_ = ''] = blocksOf('Hugging Face Jobs');
  shell(start);
  expectAllParts('parts');
  shell(join_);
  expectMerge();
});
