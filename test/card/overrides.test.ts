import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { verify } from '../../src/verify/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { catchError } from '../fixtures/caught.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';

/** The sample run with an author's own templates. */
function makeRun(templates: Record<string, string>): string {
  const dir = copySampleRun();
  const path = join(dir, 'hubwright.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...config, repo: 'me/sample', card: { templates: 'card' } }));
  mkdirSync(join(dir, 'card'));
  for (const [name, text] of Object.entries(templates)) writeFileSync(join(dir, 'card', name), text);
  return dir;
}

const assembleRun = async (run: string) => {
  const outDir = join(run, '../bundle');
  await assemble(run, { config: await loadConfig(join(run, 'hubwright.json')), outDir });
  return outDir;
};

describe('an author’s own template', () => {
  test('takes the place of one, and travels with the bundle, which makes the same card again', async () => {
    const run = makeRun({ 'summary.hbs': 'Scores {{count testRows}} rows.\n' });
    const bundle = await assembleRun(run);
    const card = readFileSync(join(bundle, 'README.md'), 'utf8');
    expect(card).toContain('\nScores 339 rows.\n');
    expect(card).toContain('## Quick start');
    expect(readFileSync(join(bundle, 'hubwright.json'), 'utf8')).not.toContain(run);
    expect(await runCli(['card', bundle, '--check'])).toMatchObject({ code: 0 });
    const { findings } = await verify(bundle, { cheap: true });
    expect(findings).toEqual([]);
  });

  test.each([
    [{ 'sumary.hbs': 'x' }, 'card.templates: sumary.hbs takes the place of no template', /summary\.hbs/],
    [{ 'summary.hbs': '{{#if' }, /^card\.templates: summary\.hbs, or what it includes: /, /docs\/card\.md/],
    [{ 'summary.hbs': '{{nothing.of.this}}' }, /^card\.templates: summary\.hbs/, /docs\/card\.md/],
  ])('that is none is refused: %j', async (templates, message, hint) => {
    const error = await catchError(assembleRun(makeRun(templates)));
    expect(error.code).toBe('CONFIG');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

test('assembling again keeps what an author wrote into README.md', async () => {
  const run = copySampleRun();
  const bundle = await assembleRun(run);
  const prose = '\n\n## What we learned\n\nA | pipe, and `code`.\n';
  appendFileSync(join(bundle, 'README.md'), prose);
  await assembleRun(run);
  expect(readFileSync(join(bundle, 'README.md'), 'utf8').endsWith(prose)).toBe(true);
});
