import type { TrainingArgsReading } from '../../src/formats/training-args.ts';

/** A clean reading with these arguments. */
export function makeReading(values: TrainingArgsReading['arguments']): TrainingArgsReading {
  return {
    arguments: values,
    imports: [],
    unknownImports: [],
    clean: true,
    dangers: [],
    leaks: [],
    notRead: [],
  };
}
