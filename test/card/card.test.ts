import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { collectCardFacts, renderCard } from '../../src/card/index.ts';
import { validateCard } from '../../src/formats/card-yaml.ts';
import { listCardNumbers } from '../../src/verify/card-numbers.ts';
import { catchError } from '../fixtures/caught.ts';
import { TEST_ROWS, writeSmallBundle } from './small-bundle.ts';

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
    const card = await renderCard(writeSmallBundle());
    await expect(card).toMatchFileSnapshot('../files/card/small-bundle.md');
  });

  it('gives the same text again, whatever card, lock and report already lie there', async () => {
    const files = {
      'README.md': 'old',
      'hubwright.lock.json': '{}',
      'verification.json': '{}',
      '.gitattributes': '*',
    };
    expect(await renderCard(writeSmallBundle({ files }))).toBe(await renderCard(writeSmallBundle()));
  });

  it('leaves out what the bundle does not say', async () => {
    const card = await renderCard(writeSmallBundle({ without: OPTIONAL, config: BARE }));
    expect(card.match(/^## .*/gm)).toEqual([
      '## The score at a glance',
      '## Quick start',
      '## Results',
      '## Training',
      '## Files',
    ]);
    expect(card).toContain('# ModernBERT Reward Model\n');
    expect(card).not.toMatch(
      /undefined|null|NaN|More information|Eval|baseline|!\[|hf\.co|answerdotai|license/,
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
    const card = await renderCard(writeSmallBundle(changes));
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
    expect(card).not.toMatch(/\n\n\n|[ \t]$|^#+ *\n|\n#.*\n+#(?!#)/m);
    expect(card.endsWith('\n')).toBe(true);
  });

  it('states every metric twice, in model-index and in the table, as verify reads them', async () => {
    const dir = writeSmallBundle();
    const facts = await collectCardFacts(dir);
    const numbers = listCardNumbers(await renderCard(dir));
    expect(numbers).toHaveLength(12);
    for (const { metric, value, precision } of numbers) {
      const expected = facts.metrics.find(({ id }) => id === metric)!.test;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(precision);
    }
  });

  it('puts the author’s sections where they belong, word for word', async () => {
    const card = await renderCard(
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
    expect(card).toContain('## Limitations\n\nEnglish | only.\n');
    expect(card).toContain('## Citation\n\n```bibtex\n@misc{me}\n```\n');
    expect(card).toContain('arxiv.org/abs/2412.13663');
  });

  it('says what an unbounded score is', async () => {
    const head = { pooling: 'cls', activation: 'identity' } as const;
    const card = await renderCard(writeSmallBundle({ config: { head } }));
    expect(card).toMatch(/Range:\*\* unbounded; the test labels run from 0\.\d+ to 0\.\d+/);
    expect(card).not.toMatch(/sigmoid|np\.exp|Math\.exp/);
    expect(card).toContain('the state of the first token');
  });

  it('needs the test split and its predictions', async () => {
    const error = await catchError(renderCard(writeSmallBundle({ without: ['test_predictions.csv'] })));
    expect(error.code).toBe('INPUT_MISSING');
    expect(error.message).toContain('test_predictions.csv');
  });

  it('does without examples where there are too few rows', async () => {
    const card = await renderCard(writeSmallBundle({ testRows: TEST_ROWS.slice(0, 2) }));
    expect(card).toContain('Each way scores a `text` in the form above.');
    expect(card).not.toMatch(/widget|shorter rows|undefined/);
  });
});

function readFrontMatter(card: string): Record<string, unknown> {
  return parse(card.split(/^---\n/m)[1] ?? '');
}
