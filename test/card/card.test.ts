import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { collectCardFacts, renderCard } from '../../src/card/index.ts';
import { SECTIONS } from '../../src/card/sections.ts';
import { validateCard } from '../../src/formats/card-yaml.ts';
import { listCardNumbers } from '../../src/verify/card-numbers.ts';
import { catchError } from '../fixtures/caught.ts';
import { addCardFacts, renderText, TEST_ROWS, writeSmallBundle } from './small-bundle.ts';

const OPTIONAL = [
  'config.json',
  'eval_set.csv',
  'model.onnx',
  'model.safetensors',
  'modernbert_reward_model_calibration.png',
  'modernbert_reward_model_calibration.svg',
  'modernbert_reward_model_calibration_dark.png',
  'modernbert_reward_model_predictions_scatter.png',
  'modernbert_reward_model_predictions_scatter.svg',
  'modernbert_reward_model_predictions_scatter_dark.png',
  'modernbert_reward_model_residuals.png',
  'modernbert_reward_model_residuals.svg',
  'modernbert_reward_model_residuals_dark.png',
  'special_tokens_map.json',
  'test_metrics.json',
  'tokenizer_config.json',
  'train_set.csv',
  'training_args.bin',
  'training_args.json',
  'training_results.json',
];
const BARE = {
  repo: undefined,
  title: undefined,
  baseModel: undefined,
  license: undefined,
  language: undefined,
};

describe('renderCard', () => {
  it('writes the card of a whole bundle', async () => {
    const card = await renderText(writeSmallBundle());
    await expect(card).toMatchFileSnapshot('../files/card/small-bundle.md');
  });

  it('gives the same text again, whatever card, lock and report already lie there', async () => {
    const files = {
      'README.md': 'old',
      'hubwright.lock.json': '{}',
      'verification.json': '{}',
      '.gitattributes': '*',
    };
    expect(await renderText(writeSmallBundle({ files }))).toBe(await renderText(writeSmallBundle()));
  });

  it('leaves out what the bundle does not say', async () => {
    const card = await renderText(writeSmallBundle({ without: OPTIONAL, config: BARE }));
    expect(card.match(/^##+ .*/gm)).toEqual([
      '## The score at a glance',
      '## Quick start',
      '## Input format',
      '## Results',
      '### Calibration',
      '## Limits',
      '## Architecture',
      '## Data',
      '## Compatibility',
      '## Files',
    ]);
    expect(card).toContain('# ModernBERT Reward Model\n');
    expect(card).not.toMatch(
      /undefined|null|NaN|More information|Eval|Mean baseline|!\[|hf\.co|answerdotai|license/,
    );
    expect(Object.keys(readFrontMatter(card))).toEqual([
      'library_name',
      'pipeline_tag',
      'tags',
      'metrics',
      'widget',
      'model-index',
    ]);
  });

  it.each([
    ['a whole bundle', {}],
    ['the least that a bundle holds', { without: OPTIONAL, config: BARE }],
  ])('passes the Hub’s validation and has no dead space: %s', async (_, changes) => {
    const card = await renderText(writeSmallBundle(changes));
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
    expect(card).not.toMatch(/\n\n\n|[ \t]$|^#+ *\n/m);
    expect(card.endsWith('\n')).toBe(true);
  });

  it('states every metric twice, in model-index and in the table, as verify reads them', async () => {
    const dir = writeSmallBundle();
    const facts = await collectCardFacts(dir);
    const numbers = listCardNumbers(await renderText(dir));
    const named = facts.metrics.filter(({ type }) => type !== undefined);
    expect(numbers.filter(({ metric }) => named.some(({ id }) => id === metric))).toHaveLength(12);
    for (const { metric, value, precision } of numbers) {
      const expected = facts.metrics.find(({ id }) => id === metric)!.test!;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(precision);
    }
  });

  it('puts the author’s sections where they belong, word for word', async () => {
    const card = await renderText(
      writeSmallBundle({
        config: {
          card: {
            summary: 'Ranks *chains of thought*.',
            data: 'Human preferences & {{corruptions}}.',
            intendedUse: 'Filter <b>data</b>.',
            limitations: 'English | only.',
            citation: '```bibtex\n@misc{me}\n```',
          },
        },
      }),
    );
    expect(card).toContain('\nRanks *chains of thought*.\n');
    expect(card).toContain('Human preferences & {{corruptions}}.');
    expect(card).toContain('## Intended use\n\nFilter <b>data</b>.\n');
    expect(card).toContain('## Limits\n\nEnglish | only.\n');
    expect(card).toContain('## Citation\n\n```bibtex\n@misc{me}\n```\n');
    expect(card).toContain('arxiv.org/abs/2412.13663');
  });

  it('says what an unbounded score is', async () => {
    const head = { pooling: 'cls', activation: 'identity' } as const;
    const card = await renderText(writeSmallBundle({ config: { head } }));
    expect(card).toMatch(/Range:\*\* unbounded; the test labels run from 0\.\d+ to 0\.\d+/);
    expect(card).not.toMatch(/sigmoid\(|before the sigmoid|np\.exp|Math\.exp/);
    expect(card).toContain('| Pooling | the first token |');
  });

  it('needs the test split and its predictions', async () => {
    const error = await catchError(renderText(writeSmallBundle({ without: ['test_predictions.csv'] })));
    expect(error.code).toBe('INPUT_MISSING');
    expect(error.message).toContain('test_predictions.csv');
  });

  it('does without examples where there are too few rows', async () => {
    const card = await renderText(writeSmallBundle({ testRows: TEST_ROWS.slice(0, 2) }));
    expect(card).toContain('Each way scores a `text` in the [form below](#input-format).');
    expect(card).not.toMatch(/widget|shorter ones|undefined/);
  });

  it('says why a metric has no value, in the table and in words', async () => {
    const rows = TEST_ROWS.map(({ similarity_with_penalty: label }) => [label, '0.5']);
    const csv = ['similarity_with_penalty,prediction', ...rows.map((row) => row.join(','))].join('\n');
    const card = await renderText(writeSmallBundle({ files: { 'test_predictions.csv': csv } }));
    expect(card).toContain('| Pearson | – | – |');
    expect(card).toContain('No value for Pearson, Spearman and Kendall τ-b: all predictions are equal.');
    const { metrics, 'model-index': index } = readFrontMatter(card) as Record<string, never[]>;
    expect(metrics).not.toContain('pearsonr');
    expect(JSON.stringify(index)).not.toContain('pearsonr');
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
  });

  it('pins the revision that publish will tag, and names the shards that hold the weights', async () => {
    const shards = {
      'model-00001-of-00002.safetensors': 'one',
      'model-00002-of-00002.safetensors': 'two',
    };
    const dir = writeSmallBundle({
      config: { publish: { tag: 'v1.0.0' } },
      files: shards,
      without: ['model.safetensors'],
    });
    const card = await renderText(dir);
    expect(card).toContain('revision = "v1.0.0"\n');
    expect(card).toContain('snapshotDownload({ repo: "daeilee/modernbert-cot-reward", revision: "v1.0.0" })');
    expect(card).toContain(
      'allow_patterns=["model.onnx", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "tokenizer*.json"]',
    );
    expect(card).not.toContain('revision = "main"');
  });

  it('says what each ONNX variant loses, by the numbers of onnx_variants.json', async () => {
    const loss = (file: string, variant: string, r2: number | null, maxDifference: number, mse: number) => ({
      variant,
      file,
      rows: 24,
      r2,
      maxDifference,
      shift: 0,
      metrics: [
        { metric: 'mse', model: 0.012674132, variant: mse },
        { metric: 'mae', model: 0.074745835, variant: null },
      ],
    });
    const losses = [
      loss('onnx/model_fp16.onnx', 'fp16', 0.99999980103, 0.00063657, 0.012676174),
      loss('onnx/model_quantized.onnx', 'int8', null, 0.0071702, 0.012708575),
    ];
    const files = {
      'onnx_variants.json': JSON.stringify({ version: 1, variants: losses }),
      'onnx/model_fp16.onnx': 'a graph',
      'onnx/model_fp16.onnx_data': 'x'.repeat(1500),
      'onnx/model_quantized.onnx': 'a graph',
      'onnx/model_quantized.onnx_data': 'x'.repeat(700),
      'onnx/model_q4.onnx': 'of somebody else',
    };
    const lines = (await renderText(writeSmallBundle({ files }))).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '| Model | Size | R² | Largest difference | MSE | MAE |',
        '| `model.onnx` | 3.2&nbsp;kB | – | – | 0.012674 | 0.074746 |',
        '| `onnx/model_fp16.onnx` | 1.5&nbsp;kB | 0.9999998 | 0.0006 | 0.012676 | – |',
        '| `onnx/model_quantized.onnx` | 707&nbsp;B | – | 0.0072 | 0.012709 | – |',
        '| ONNX Runtime; transformers.js, by `dtype: "q8"` | `onnx/model_quantized.onnx`, with weights of its own | `logits` before the sigmoid |',
        '| ONNX Runtime | `onnx/model_q4.onnx`, with weights of its own | `logits` before the sigmoid |',
        '| `onnx/model_fp16.onnx` | 7&nbsp;B | a graph with weights of its own |',
        '| `onnx/model_fp16.onnx_data` | 1.5&nbsp;kB | the weights of that graph |',
      ]),
    );
    expect(listCardNumbers(lines.join('\n'))).toEqual(listCardNumbers(await renderText(writeSmallBundle())));
    const without = await renderText(writeSmallBundle({ files: { 'onnx/model_q4.onnx': 'a graph' } }));
    expect(without).not.toContain('Largest difference');
  });

  it('takes the licence of a base model that it knows, unless told another', async () => {
    const inherited = await renderText(writeSmallBundle({ config: { license: undefined } }));
    expect(readFrontMatter(inherited).license).toBe('apache-2.0');
    const own = await renderText(writeSmallBundle({ config: { license: 'cc-by-4.0' } }));
    expect(readFrontMatter(own).license).toBe('cc-by-4.0');
    const unknown = { license: undefined, baseModel: 'me/own-encoder' };
    expect(readFrontMatter(await renderText(writeSmallBundle({ config: unknown })))).not.toHaveProperty(
      'license',
    );
  });

  it('shows what the model gave for its examples, not what the run recorded', async () => {
    const dir = writeSmallBundle();
    await addCardFacts(dir);
    const card = await renderText(dir);
    expect(card).toContain('and prints 0.873:');
    expect(card.match(/# 0\.873$|\/\/ 0\.873$/gm)).toHaveLength(5);
    expect(card).toContain('# 0.873 0.741 0.308\n');
    const { widget } = readFrontMatter(card) as { widget: { output: { score: number }[] }[] };
    expect(widget.map(({ output }) => output[0]?.score)).toEqual([0.8731, 0.7412, 0.3081]);
  });

  it('does not believe what was measured on other files', async () => {
    const dir = writeSmallBundle();
    await addCardFacts(dir, { madeFrom: { 'test_set.csv': '0'.repeat(64) } });
    const { text, todo } = await renderCard(dir);
    expect(text).not.toContain('149.6 M');
    expect(todo.join()).toContain('card_facts.json');
  });

  it('lists what only the author can add', async () => {
    const { todo } = await renderCard(writeSmallBundle({ config: BARE }));
    expect(todo.map((line) => line.split(':')[0])).toEqual([
      'card.summary',
      'card.score',
      'card.intendedUse',
      'card.limitations',
      'card.data',
      'card.training',
      'license',
      'baseModel',
      'language',
      'repo',
      'publish.tag',
      'card_facts.json',
    ]);
  });

  it('goes without the sections that its author does not want', async () => {
    const card = await renderText(writeSmallBundle({ config: { card: { omit: ['citation', 'files'] } } }));
    expect(card).not.toMatch(/## Files|## Citation/);
    const error = await catchError(renderText(writeSmallBundle({ config: { card: { omit: ['cites'] } } })));
    expect(error).toMatchObject({ code: 'CONFIG', hint: `there are ${SECTIONS.join(', ')}` });
  });
});

function readFrontMatter(card: string): Record<string, unknown> {
  return parse(card.split(/^---\n/m)[1] ?? '');
}
