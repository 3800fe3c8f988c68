import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  readTrainingArgs,
  summarizeTrainingArgs,
  type TrainingArgsReading,
} from '../../src/formats/training-args.ts';
import { makeReading } from './training-args-reading.ts';

const FILES = new URL('../files/training-args/', import.meta.url);

describe('the headline', () => {
  test('of a real file', async () => {
    const summary = summarizeTrainingArgs(await readTrainingArgs(readFileSync(new URL('plain.bin', FILES))));
    expect(summary.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'learning_rate=0.00002',
      'num_train_epochs=3',
      'per_device_train_batch_size=16',
      'per_device_eval_batch_size=8',
      'gradient_accumulation_steps=2',
      'total_train_batch_size=32',
      'optim=adamw_torch_fused',
      'lr_scheduler_type=cosine',
      'warmup_steps=100',
      'weight_decay=0.01',
      'max_grad_norm=1',
      'seed=7',
      'bf16=false',
      'fp16=false',
      'metric_for_best_model=mse',
      'load_best_model_at_end=true',
    ]);
  });

  const batch = {
    per_device_train_batch_size: 4,
    gradient_accumulation_steps: 3,
    _n_gpu: 2,
    distributed_state: { num_processes: 5 },
  };

  test.each([
    [batch, 120],
    [{ ...batch, _n_gpu: 0 }, 60],
    [{ ...batch, _n_gpu: -1 }, undefined],
    [{ ...batch, distributed_state: null }, undefined],
    [{ ...batch, parallelism_config: {} }, undefined],
  ])('total batch size, case %#', (values, total) => {
    const summary = summarizeTrainingArgs(makeReading(values));
    expect(summary.find(({ key }) => key === 'total_train_batch_size')?.value).toBe(total);
  });

  test('warmup is the ratio only where no steps are set', () => {
    const warmup = (values: TrainingArgsReading['arguments']) => summarizeTrainingArgs(makeReading(values));
    expect(warmup({ warmup_steps: 0, warmup_ratio: 0.1 })).toEqual([{ key: 'warmup_ratio', value: 0.1 }]);
    expect(warmup({ warmup_steps: 9, warmup_ratio: 0.1 })).toEqual([{ key: 'warmup_steps', value: 9 }]);
    expect(warmup({ warmup_steps: 0, warmup_ratio: null })).toEqual([{ key: 'warmup_steps', value: 0 }]);
  });
});
