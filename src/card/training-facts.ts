import type { JsonObject } from '../formats/json.ts';
import { summarizeTrainingArgs } from '../formats/training-args.ts';

export interface Hyperparameter {
  /** The argument's name in transformers. */
  readonly name: string;
  readonly value: string | number | boolean;
}

/** The arguments worth a line on the card, from `training_args.json`. Switches that were off are left out. */
export function listHyperparameters(args: JsonObject | undefined): Hyperparameter[] {
  if (args === undefined) return [];
  return summarizeTrainingArgs({ arguments: args })
    .filter(({ value }) => value !== false)
    .map(({ key, value }) => ({ name: key, value }));
}

/** Epochs that training really ran: early stopping ends before `num_train_epochs`. */
export function readEpochs(results: JsonObject | undefined): number | undefined {
  const epoch = results?.epoch;
  return typeof epoch === 'number' && Number.isFinite(epoch) ? epoch : undefined;
}
