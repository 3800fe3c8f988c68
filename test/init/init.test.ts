import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { composeConfig, proposeConfig } from '../../src/init/index.ts';
import { runCli } from '../cli/run-cli.ts';
import { copySampleRun } from '../fixtures/sample-run.ts';

const TEMPLATE = 'SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}';

/** The sample run as an author has it who has not heard of hubwright.json. */
function copyBareRun(): string {
  const dir = copySampleRun();
  rmSync(join(dir, 'hubwright.json'));
  return dir;
}

describe('init, on the sample run', () => {
  test('proves template, pooling and activation by the recorded predictions, under whatever names', async () => {
    const dir = copyBareRun();
    const rename = (from: string, to: string) => renameSync(join(dir, from), join(dir, to));
    mkdirSync(join(dir, 'checkpoint-20'));
    for (const name of ['model.safetensors', 'config.json']) rename(name, `checkpoint-20/${name}`);
    rename('test_predictions.csv', 'my_preds.csv');
    rename('test_set.csv', 'test.csv');
    const metrics = JSON.parse(readFileSync(join(dir, 'test_metrics.json'), 'utf8'));
    writeFileSync(join(dir, 'all_results.json'), JSON.stringify({ test: metrics }));
    rmSync(join(dir, 'test_metrics.json'));

    const { facts, missing, doubts } = await proposeConfig(dir, {});
    expect([missing, doubts]).toEqual([[], []]);
    expect(composeConfig(facts)).toEqual({
      files: {
        model: 'checkpoint-20',
        test: 'test.csv',
        metrics: 'all_results.json',
        predictions: 'my_preds.csv',
      },
      input: { template: TEMPLATE, label: 'similarity_with_penalty', maxLength: 256 },
      head: { pooling: 'mean', activation: 'sigmoid' },
    });
    const from = (key: string) => facts.find((known) => known.key === key)?.from;
    expect(from('input.label')).toBe('its mean in test.csv is the test.ground_truth_mean of the metrics');
    expect(from('input.template')).toMatch(
      /^gives the 6 recorded predictions tried, to \de-\d+; \d+ templates/,
    );
  });

  test('doubts a template that does not give the recorded predictions, and one that nothing proves', async () => {
    const wrong = await proposeConfig(copyBareRun(), { template: 'NL: {{nl}}' });
    expect(wrong.doubts).toEqual([
      expect.stringMatching(
        /^the template does not give the predictions in test_predictions\.csv: its are off by 0\.\d/,
      ),
    ]);
    expect(wrong.facts.some(({ key }) => key === 'head.pooling')).toBe(false);

    const dir = copyBareRun();
    rmSync(join(dir, 'test_predictions.csv'));
    const { missing, doubts } = await proposeConfig(dir, {});
    expect(missing.map(({ flag }) => flag)).toEqual(['--template']);
    expect(doubts).toEqual([]);
  });

  test('from the command line: writes, keeps what is there, and says what it cannot know', async () => {
    const dir = copyBareRun();
    rmSync(join(dir, 'test_predictions.csv'));
    const unknown = await runCli(['init', dir]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('tells input.template');
    expect(unknown.stderr).toContain(`hint: say it: hubwright init ${dir} --template …`);
    expect(existsSync(join(dir, 'hubwright.json'))).toBe(false);

    const args = ['init', dir, '--template', 'SQL: {{sql}}\\nNL: {{nl}}', '--license', 'mit'];
    const written = await runCli(args);
    expect(written).toMatchObject({ code: 0 });
    expect(written.stdout).toContain('  license = "mit"\n    you said so');
    expect(await loadConfig(join(dir, 'hubwright.json'))).toMatchObject({
      license: 'mit',
      input: { template: 'SQL: {{sql}}\nNL: {{nl}}', maxLength: 256 },
    });

    const again = await runCli(['init', dir, '--template', '{{nl}}']);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('hubwright.json is there already');
    expect(readFileSync(join(dir, 'hubwright.json'), 'utf8')).toContain('SQL: ');
  });
});
