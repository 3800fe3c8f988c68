import { HubwrightError } from '../errors.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { isWeightType } from '../graph/graph.ts';

export const WRONG_CONFIG =
  'config.json must describe this very model; layers, biases and head are compared with it';

/** Tensors of a checkpoint of which each is taken once; what is left at the end is unexplained. */
export interface TensorAccount {
  readonly file: string;
  /** Takes a tensor that must be there. @throws HubwrightError INPUT_INVALID or UNSUPPORTED */
  take(name: string, shape: readonly number[]): TensorEntry;
  /** Takes a tensor that may be there and is not computed with; of any type. @returns whether it is there. */
  takeUnused(name: string, shape: readonly number[]): boolean;
  /** Takes a tensor that may be there, of any type and shape. @returns whether it is there. */
  drop(name: string): boolean;
  get(name: string): TensorEntry | undefined;
  /** Names not taken yet, in the order of their data. */
  names(): string[];
}

export function openTensors(tensors: ReadonlyMap<string, TensorEntry>, file: string): TensorAccount {
  const rest = new Map(tensors);
  return {
    file,
    take(name, shape) {
      const entry = rest.get(name);
      if (entry === undefined) {
        throw new HubwrightError(
          'INPUT_INVALID',
          `${file}: tensor ${name} [${shape.join(', ')}] is missing`,
          { hint: WRONG_CONFIG },
        );
      }
      checkShape(entry, shape, file);
      if (!isWeightType(entry.dtype)) {
        throw new HubwrightError(
          'UNSUPPORTED',
          `${file}: tensor ${name} is ${entry.dtype}; only F32, F16 and BF16 can be exported`,
          { hint: 'save the model in float32: model.float(); trainer.save_model()' },
        );
      }
      rest.delete(name);
      return entry;
    },
    takeUnused(name, shape) {
      const entry = rest.get(name);
      if (entry === undefined) return false;
      checkShape(entry, shape, file);
      return rest.delete(name);
    },
    drop: (name) => rest.delete(name),
    get: (name) => rest.get(name),
    names: () => [...rest.keys()],
  };
}

function checkShape({ name, shape: actual }: TensorEntry, shape: readonly number[], file: string): void {
  if (actual.length === shape.length && actual.every((dim, axis) => dim === shape[axis])) return;
  throw new HubwrightError(
    'INPUT_INVALID',
    `${file}: tensor ${name} has shape [${actual.join(', ')}]; config.json calls for [${shape.join(', ')}]`,
    { hint: WRONG_CONFIG },
  );
}

export function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} and ${names.length - 6} more` : shown === '' ? 'nothing' : shown;
}
