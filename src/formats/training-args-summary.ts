import { isJsonObject, type JsonObject } from './json.ts';
import type { TrainingArgsReading } from './training-args.ts';

/** One line of the card's table; `key` is the argument's name in transformers. */
export interface HeadlineArgument {
  readonly key: string;
  readonly value: string | number | boolean;
}

/** `total_train_batch_size` is computed and `warmup` stands for whichever of its two arguments counts. */
const HEADLINE_KEYS = [
  'learning_rate',
  'num_train_epochs',
  'max_steps',
  'per_device_train_batch_size',
  'per_device_eval_batch_size',
  'gradient_accumulation_steps',
  'total_train_batch_size',
  'optim',
  'lr_scheduler_type',
  'warmup',
  'weight_decay',
  'max_grad_norm',
  'seed',
  'bf16',
  'fp16',
  'metric_for_best_model',
  'load_best_model_at_end',
] as const;

/** The hyperparameters that a reader of the card asks for first, in reading order. Unset ones are left out. */
export function summarizeTrainingArgs(
  reading: Pick<TrainingArgsReading, 'arguments'>,
): readonly HeadlineArgument[] {
  const args = reading.arguments;
  return HEADLINE_KEYS.flatMap((key) => {
    if (key === 'warmup') return pickWarmup(args);
    if (key === 'total_train_batch_size') return pick(key, computeTotalTrainBatchSize(args));
    // -1 means "as many as the epochs need".
    if (key === 'max_steps' && args[key] === -1) return [];
    return pick(key, args[key]);
  });
}

function pick(key: string, value: unknown): HeadlineArgument[] {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? [{ key, value }] : [];
}

/** Steps win over the ratio, as in TrainingArguments.get_warmup_steps. */
function pickWarmup(args: JsonObject): HeadlineArgument[] {
  const { warmup_steps: steps, warmup_ratio: ratio } = args;
  const isRatioUsed = typeof ratio === 'number' && ratio > 0 && !(typeof steps === 'number' && steps > 0);
  return isRatioUsed ? pick('warmup_ratio', ratio) : pick('warmup_steps', steps);
}

/**
 * Rows in one optimizer step: per device × devices of a process × processes × accumulated steps, as in
 * Trainer.get_total_train_batch_size. `undefined` where the file does not say how many devices there were,
 * or where tensor, context or sequence parallelism makes several devices share a row.
 */
function computeTotalTrainBatchSize(args: JsonObject): number | undefined {
  const state = args.distributed_state;
  const perDevice = args.per_device_train_batch_size;
  const accumulated = args.gradient_accumulation_steps;
  const devices = args._n_gpu;
  const processes = isJsonObject(state) ? state.num_processes : undefined;
  const isSharded = isSet(args.parallelism_config) || isSet(args.deepspeed);
  if (isSharded || typeof perDevice !== 'number' || typeof accumulated !== 'number') return undefined;
  // -1 is the value before the devices were looked for.
  if (typeof devices !== 'number' || devices < 0 || typeof processes !== 'number') return undefined;
  return perDevice * Math.max(1, devices) * processes * accumulated;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
