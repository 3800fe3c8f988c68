import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCardData, validateCard } from '../../src/formats/card-yaml.ts';

const EMPTY = 'empty or missing yaml metadata in repo card';
const INVALID = 'The YAML metadata of your README.md is invalid.';
const errorsOf = (yaml: string) =>
  validateCard(`---\n${yaml}\n---\n# Card\n`).errors.map(({ message }) => message);
const warningsOf = (content: string) => validateCard(content).warnings.map(({ message }) => message);

describe('validateCard', () => {
  it('gives the verdicts that the Hub gave', () => {
    // Recorded answers of huggingface.co/api/validate-yaml: [content, errors, warnings].
    const recorded: [string, string[], string[]][] = [
      ['---\nlicense: mit\n---\n', [], []],
      ['# hello\n', [], [EMPTY]],
      ['---\nlicense: mit\n---oops\n', [], [EMPTY]],
      ['---\n---\n', [], [EMPTY]],
      ['---\n\n---\n', [INVALID], []],
      ['---\nhello\n---\n', [INVALID], []],
      ['---\n- a\n- b\n---\n', ['"value" must be of type object'], []],
      ['---\nbogus_key: 1\n---\n', [], []],
    ];
    for (const [content, errors, warnings] of recorded) {
      const report = validateCard(content);
      expect([content, report.errors.map(({ message }) => message)]).toEqual([content, errors]);
      expect([content, report.warnings.map(({ message }) => message)]).toEqual([content, warnings]);
    }
    expect(validateCard('---\nlicense: [\n---\n').errors[0]?.message).toMatch(
      /^Invalid YAML in README\.md: /,
    );
  });

  it('reads front matter with any line ends, behind blank lines and a byte order mark', () => {
    for (const content of [
      '---\r\nlicense: x\r\n---\r\n',
      '\n\n---\nlicense: x\n---',
      '\uFEFF---\nlicense: x\n---  \n',
      '---\rlicense: x\r---',
    ]) {
      expect([content, validateCard(content).errors.length]).toEqual([content, 1]);
    }
  });

  it('takes the licences of the closed list only', () => {
    expect(errorsOf('license: apache-2.0')).toEqual([]);
    expect(errorsOf('license: [mit, gemma]')).toEqual([]);
    expect(errorsOf('license: other\nlicense_name: mine\nlicense_link: LICENSE')).toEqual([]);
    for (const license of ['Apache-2.0', 'gpl-3.0-or-later', 'none', '1', 'null', '{}']) {
      expect([license, errorsOf(`license: ${license}`)[0]]).toEqual([
        license,
        expect.stringMatching(/^"license" must be one of \[apache-2\.0, mit, /),
      ]);
    }
    expect(errorsOf('license: [mit, nope]')[0]).toMatch(/^"license\[1\]" must be one of/);
  });

  it('checks languages by their codes', () => {
    expect(errorsOf('language: [en, deu, code, multilingual]')).toEqual([]);
    // YAML 1.2 has no boolean of that name, so Norwegian needs no quotes.
    expect(errorsOf('language: no')).toEqual([]);
    expect(errorsOf('language: EN')).toEqual(['"language" must only contain lowercase characters']);
    expect(errorsOf('language: [english]')[0]).toContain(
      '"language[0]" with value "english" is not valid. It must be an ISO 639-1',
    );
    expect(errorsOf('language: xx')).toHaveLength(1);
    expect(errorsOf('language: [ger, zxx]')).toEqual([]);
    expect(errorsOf('language: xyz')).toHaveLength(1);
    expect(errorsOf('language: [true]')).toEqual(['"language[0]" must be a string']);
  });

  it('wants ids of the Hub for base models and datasets', () => {
    expect(errorsOf('base_model: answerdotai/ModernBERT-base\ndatasets: [squad, org/my.data_set]')).toEqual(
      [],
    );
    expect(errorsOf('base_model: /home/me/model')).toEqual([
      '"base_model" with value "/home/me/model" is not valid. Use a model id from https://hf.co/models.',
    ]);
    expect(errorsOf('base_model: [a/b, ./out]')[0]).toContain('"base_model[1]" with value "./out"');
    expect(errorsOf('datasets:\n- null')).toEqual(['"datasets[0]" must be a string']);
    expect(errorsOf('datasets: [my own data]')[0]).toContain(
      '"datasets[0]" with value "my own data" is not valid.',
    );
    expect(errorsOf('base_model_relation: cousin')[0]).toContain('must be one of [finetune, ');
  });

  it('checks the shapes that users got wrong', () => {
    expect(errorsOf('widget: hello')).toEqual(['"widget" must be an array']);
    expect(errorsOf('tags: reward-model')).toEqual(['"tags" must be an array']);
    expect(errorsOf('extra_gated_fields: name')).toEqual(['"extra_gated_fields" must be of type object']);
    expect(errorsOf('model-index: foo')).toEqual(['"model-index" must be an array']);
    expect(errorsOf('model-index: [{}]')).toEqual([
      '"model-index[0].name" is required',
      '"model-index[0].results" is required',
    ]);
    expect(errorsOf('inference: {parameters: {top_k: 1}}\nthumbnail: null\nco2_eq_emissions: 3')).toEqual([]);
    expect(errorsOf('inference: 7')).toEqual(['"inference" must be a boolean']);
  });

  it('checks every result of a model-index', () => {
    const index = (result: string) => errorsOf(`model-index:\n- name: m\n  results:\n  - ${result}`);
    const task = 'task: {type: text-classification}';
    const dataset = 'dataset: {type: org/d, name: D, config: default, split: test}';
    const metrics =
      'metrics: [{type: mse, value: 0.01, name: Test MSE, args: {squared: false}}, {type: r, value: 20.0 ± 1.2}]';
    expect(index(`{${task}, ${dataset}, ${metrics}, source: {url: https://x.org}}`)).toEqual([]);
    const at = '"model-index[0].results[0]';
    expect(index('{}')).toEqual(['task', 'dataset', 'metrics'].map((key) => `${at}.${key}" is required`));
    expect(index(`{${task}, dataset: {type: t, name: n, config: 1}, ${metrics}}`)).toEqual([
      `${at}.dataset.config" must be a string`,
    ]);
    expect(index(`{${task}, ${dataset}, metrics: {}}`)).toEqual([`${at}.metrics" must be an array`]);
    expect(index(`{${task}, ${dataset}, metrics: [{type: mse}]}`)).toEqual([
      `${at}.metrics[0].value" is required`,
    ]);
    expect(index(`{${task}, ${dataset}, ${metrics}, source: {name: x}}`)).toEqual([
      `${at}.source.url" is required`,
    ]);
  });

  it('warns of a task that the Hub does not know', () => {
    expect(warningsOf('---\npipeline_tag: mind-reading\n---\n')[0]).toContain(
      'The pipeline tag "mind-reading" is not in the official list: text-classification, ',
    );
    expect(warningsOf('---\npipeline_tag: text-classification\n---\n')).toEqual([]);
  });

  it('reports everything that is wrong, not just the first', () => {
    expect(errorsOf('license: x\nwidget: 1\ntags: 2')).toHaveLength(3);
  });

  it('survives any text', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`).join('\n')}`;
    for (const yaml of [
      bomb,
      '['.repeat(50_000),
      '{a: '.repeat(20_000),
      '? '.repeat(5000),
      'x'.repeat(2_000_000),
      '__proto__: {license: 1}',
      'a: !!js/function x',
      'a: *nope',
      'a: 1\na: 2',
    ]) {
      expect(() => validateCard(`---\n${yaml}\n---\n`)).not.toThrow();
      expect(() => readCardData(`---\n${yaml}\n---\n`)).not.toThrow();
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void validateCard(`---\n${text}\n---\n`)),
      { seed: 1 },
    );
    expect(validateCard(`---\n${bomb}\n---\n`).errors[0]?.message).toContain('Invalid YAML');
    expect(validateCard('---\na: 1\na: 2\n---\n').errors[0]?.message).toContain('Invalid YAML');
  });
});

describe('readCardData', () => {
  it('gives the metadata, or nothing', () => {
    expect(readCardData('---\nlicense: mit\ntags: [a]\n---\nbody')).toEqual({ license: 'mit', tags: ['a'] });
    expect(readCardData('# no metadata')).toBeUndefined();
    expect(readCardData('---\n- a\n---\n')).toBeUndefined();
    expect(readCardData('---\na: [\n---\n')).toBeUndefined();
  });
});
