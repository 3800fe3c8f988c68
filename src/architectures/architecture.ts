import type { JsonObject } from '../formats/json.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import type { SpelledObject } from '../formats/spelled-json.ts';
import type { Activation } from '../graph/activation.ts';
import type { Graph, Value } from '../graph/graph.ts';

/** What every encoder's settings say, whatever its architecture. */
export interface EncoderConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  /** Longest input in tokens, special ones included. */
  readonly maxPositions: number;
  /** There: a longer input cannot be computed, as its positions have no embedding. */
  readonly limitsLength?: true;
}

/** Tensor names, without the encoder's prefix, and their shapes. Linear weights are [out, in]. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** An encoder's settings and its tensors by their names without prefix. */
export interface EncoderSource<C extends EncoderConfig = EncoderConfig> {
  readonly config: C;
  readonly encoder: ReadonlyMap<string, TensorEntry>;
}

/** int64 [batch, length] each. */
export interface EncoderInputs {
  readonly inputIds: Value;
  readonly attentionMask: Value;
}

/** One step between the pooled state and the last linear layer. Names count from the root of the transformers class. */
export type HeadStep =
  | { readonly kind: 'linear'; readonly name: string; readonly bias: boolean }
  | { readonly kind: 'norm'; readonly name: string; readonly bias: boolean; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly activation: Activation };

/** What transformers' `…ForSequenceClassification` computes from the last hidden state. */
export interface StockHead {
  readonly pooling: 'mean' | 'cls';
  readonly steps: readonly HeadStep[];
  /** The last linear layer, which always has a bias, such as `classifier`. */
  readonly output: string;
}

/**
 * One kind of encoder: its settings, its tensors and its graph, and nothing else. Methods, not functions in fields, so
 * that the registry can hold architectures of different settings.
 */
export interface Architecture<C extends EncoderConfig = EncoderConfig> {
  /** Its name in messages. */
  readonly title: string;
  /** `model_type` of config.json → what the names of transformers' classes begin with. */
  readonly modelTypes: Readonly<Record<string, string>>;
  /** transformers' attribute for the encoder in its own classes with a head, such as `bert`. */
  readonly basePrefix: string;
  /** The one tensor name that every checkpoint has exactly once, behind whatever prefix. */
  readonly embedding: string;
  /** There: transformers' encoder takes `add_pooling_layer`, and this is what it does without. */
  readonly poolerDefault?: boolean;
  /** The transformers that has it, where that is not every one from 4.48 on. */
  readonly needs?: string;
  /** There: transformers' encoder takes no `position_ids`, or did not before version 5. */
  readonly takesNoPositions?: true;
  /** Names beside the encoder, at the root of a transformers class, that training for other tasks left behind. */
  readonly otherHeads: readonly string[];
  /** @throws HubwrightError INPUT_INVALID or UNSUPPORTED naming the key. */
  readConfig(raw: JsonObject): C;
  listTensors(config: C): TensorShapes;
  /** Tensors of the encoder that some checkpoints carry and no hidden state depends on. */
  listUnused(config: C): TensorShapes;
  /** The tensors of a file that names them otherwise than transformers' modules do, under the modules' names. */
  respell?(tensors: ReadonlyMap<string, TensorEntry>, prefix: string): ReadonlyMap<string, TensorEntry>;
  /** Settings that transformers 4 and 5 spell differently, in both spellings, for config.json. */
  spellForBoth?(config: C): SpelledObject;
  /** The last hidden state: float32 [batch, length, hidden]. */
  addEncoder(graph: Graph, source: EncoderSource<C>, inputs: EncoderInputs): Value;
  /** @throws HubwrightError UNSUPPORTED naming the key. */
  readHead(raw: JsonObject, config: C): StockHead;
}
