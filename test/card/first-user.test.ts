import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble/index.ts';
import { loadConfig } from '../../src/config.ts';
import { validateCard } from '../../src/formats/card-yaml.ts';
import { writeFirstUserRun } from './first-user.ts';

/** Each fact of the README that the first user wrote by hand, and how the card says it. */
const FACTS: readonly (readonly [fact: string, said: string | RegExp])[] = [
  ['the title', '# ModernBERT Reward Model (CoT SQL/NL Alignment)'],
  ['the base model', '[answerdotai/ModernBERT-base](https://huggingface.co/answerdotai/ModernBERT-base)'],
  ['the task', 'natural-language description (NL) and chain-of-thought reasoning align with a SQL query'],
  ['a regression head with a sigmoid', /Head \| one linear layer, `regressor\.weight`, then a sigmoid/],
  ['a score in [0, 1]', '**Range:** 0 to 1'],
  ['what is predicted', 'Higher means a higher `similarity_with_penalty`'],
  ['where the target comes from', 'human preference data plus corruption heuristics'],
  ['each file', /(`config\.json`[\s\S]*)(`model\.safetensors`)/],
  [
    'the tokenizer’s files',
    /`special_tokens_map\.json`[\s\S]*`tokenizer\.json`[\s\S]*`tokenizer_config\.json`/,
  ],
  ['the training files', /`training_args\.bin`[\s\S]*`training_results\.json`/],
  ['the shim', '`modeling_reward.py`'],
  ['truncation', 'Texts above 2,048 tokens'],
  ['what the encoder supports', 'the encoder itself takes up to 8,192'],
  ['all rows', '| All | | 7,633 | 100 % |'],
  ['the source of the data', '`data/cot_dataset_with_corruptions.csv`'],
  ['what was dropped', 'Rows with missing fields or a score outside [0, 1] were dropped'],
  ['the training split', '| Train | `train_set.csv` | 5,724 | 75 % |'],
  ['the evaluation split', '| Eval | `eval_set.csv` | 954 | 12.5 % |'],
  ['the test split', '| Test | `test_set.csv` | 955 | 12.5 % |'],
  ['the random state', 'The split is random, with state 12'],
  ['the batch size', '| `per_device_train_batch_size` | 2 |'],
  ['gradient accumulation', '| `gradient_accumulation_steps` | 4 |'],
  ['the optimizer', /\| `optim` \| adamw/],
  ['the learning rate', '| `learning_rate` | 2e-5 |'],
  ['early stopping', 'early stopping after 5 evaluations'],
  ['mean pooling', '| Pooling | the mean over all tokens |'],
  ['the loss', 'the MSE, scaled by 100'],
  ['evaluation MSE and test MSE', /\| MSE \| 0\.0203 \| [\d. to]+ \| 0\.0197 \|/],
  ['evaluation MAE and test MAE', /\| MAE \| 0\.1129 \| [\d. to]+ \| 0\.1128 \|/],
  ['evaluation RMSE and test RMSE', /\| RMSE \| 0\.1425 \| [\d. to]+ \| 0\.1402 \|/],
  ['the number of test examples', 'On the 955 rows of the test split'],
  ['true mean and std', '| True | 0.673 | 0.215 |'],
  ['predicted mean and std', '| Predicted | 0.691 | 0.170 |'],
  ['the file of metrics', '`test_metrics.json`'],
  ['the scatter plot', '](modernbert_reward_model_predictions_scatter.png'],
  ['how to load it', 'load_finetuned_model(folder)'],
  ['how to build it', 'BERTRewardModel(model_name="answerdotai/ModernBERT-base")'],
  ['how to load the weights', 'safetensors.torch.load_file("model.safetensors")'],
  ['the input text', '```text\nSQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}\n```'],
  ['the repository', 'repo = "daeilee/modernbert-cot-reward"'],
  ['the GPU, if there is room', 'on the GPU, if there is one with room'],
  ['how to evaluate again', 'hubwright verify daeilee/modernbert-cot-reward'],
  ['what the target penalizes', 'already penalizes copied NL and incorrect reasoning'],
  ['trust_remote_code', 'trust_remote_code=True'],
];

/** What was wrong in it. */
const MISTAKES: readonly (readonly [mistake: string, text: RegExp])[] = [
  ['torch.load of safetensors', /torch\.load\(/],
  ['a requirements file that is not there', /requirements\.txt/],
  ['a script that is not there', /test_mosaic_bert|bert_regression/],
  ['a folder that is no repository', /modernbert_reward_model_hf/],
];

describe('the first user’s card', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hubwright-first-user-'));
  const dir = join(folder, 'bundle');
  let card: string;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    const run = join(folder, 'run');
    writeFirstUserRun(run);
    await assemble(run, { config: await loadConfig(join(run, 'hubwright.json')), outDir: dir });
    card = readFileSync(join(dir, 'README.md'), 'utf8');
  }, 300_000);

  it.each(FACTS)('says %s', (_, said) => {
    if (typeof said === 'string') expect(card).toContain(said);
    else expect(card).toMatch(said);
  });

  it.each(MISTAKES)('does not repeat %s', (_, text) => {
    expect(card).not.toMatch(text);
  });

  it('names no file that the repository lacks', () => {
    const files = new Set([...readdirSync(dir), 'verification.json']);
    const named = [...card.matchAll(/`([\w-]+\.(?:json|csv|py|bin|safetensors|onnx|png|svg|md))`/g)];
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([, name = '']) => name).filter((name) => !files.has(name))).toEqual([]);
  });

  it('has the metadata that it lacked', () => {
    expect(validateCard(card)).toEqual({ errors: [], warnings: [] });
    expect(card).toMatch(/^---\nlanguage:\n {2}- en\nlicense: apache-2\.0\nlibrary_name: transformers\n/);
    expect(card).toMatch(/base_model: answerdotai\/ModernBERT-base\n[\s\S]*model-index:/);
  });
});
