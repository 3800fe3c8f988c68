import type { JsonObject, JsonValue } from '../formats/json.ts';
import { summarizeTrainingArgs } from '../formats/training-args.ts';

export interface Hyperparameter {
  /** The argument's name in transformers. */
  readonly name: string;
  readonly value: string | number | boolean;
}

/** What a reader may ask about how training went, from `training_results.json`. */
export interface TrainingRun {
  /** Epochs that training really ran: early stopping ends before `num_train_epochs`. */
  readonly epochs: number | undefined;
  readonly steps: number | undefined;
  /** The step whose weights were kept, where the best were. */
  readonly bestStep: number | undefined;
  readonly trainLoss: number | undefined;
  readonly seconds: number | undefined;
}

/** The arguments worth a line on the card, from `training_args.json`. Switches that were off are left out. */
export function listHyperparameters(args: JsonObject | undefined): Hyperparameter[] {
  if (args === undefined) return [];
  return summarizeTrainingArgs({ arguments: args })
    .filter(({ value }) => value !== false)
    .map(({ key, value }) => ({ name: key, value }));
}

/** Every argument that is set, for those who want to train again. */
export function listAllArguments(args: JsonObject | undefined): Hyperparameter[] {
  return Object.entries(args ?? {}).flatMap(([name, value]) => {
    if (value === null || value === '' || isEmpty(value)) return [];
    return [{ name, value: typeof value === 'object' ? JSON.stringify(value) : value }];
  });
}

export function readTrainingRun(results: JsonObject | undefined): TrainingRun {
  const numberAt = (key: string) => {
    const value = results?.[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  return {
    epochs: numberAt('epoch'),
    steps: numberAt('global_step'),
    bestStep: numberAt('best_global_step'),
    trainLoss: numberAt('train_loss'),
    seconds: numberAt('train_runtime'),
  };
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
