import { HubwrightError } from '../errors.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import type { Linear } from '../graph/layers.ts';

type Tensors = ReadonlyMap<string, TensorEntry>;

/** A tensor that the architecture's list announced. @throws HubwrightError INPUT_INVALID */
export function requireTensor(tensors: Tensors, name: string): TensorEntry {
  const entry = tensors.get(name);
  if (entry === undefined) throw new HubwrightError('INPUT_INVALID', `tensor …${name} is missing`);
  return entry;
}

/** The tensors of a linear layer or a norm; without a bias where the checkpoint has none. */
export function takeLinear(tensors: Tensors, name: string): Linear {
  return { weight: requireTensor(tensors, `${name}.weight`), bias: tensors.get(`${name}.bias`) };
}

/** Collects names and shapes of layers. */
export function createTensorList() {
  const tensors = new Map<string, readonly number[]>();
  return {
    tensors,
    table: (name: string, rows: number, width: number) => tensors.set(`${name}.weight`, [rows, width]),
    linear(name: string, outputs: number, inputs: number, bias = true) {
      tensors.set(`${name}.weight`, [outputs, inputs]);
      if (bias) tensors.set(`${name}.bias`, [outputs]);
    },
    norm(name: string, width: number, bias = true) {
      tensors.set(`${name}.weight`, [width]);
      if (bias) tensors.set(`${name}.bias`, [width]);
    },
  };
}
