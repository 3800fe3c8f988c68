import { z } from 'zod';
import { HubwrightError } from '../errors.ts';
import type { JsonObject } from '../formats/json.ts';
import { ACTIVATIONS, type Activation } from '../graph/activation.ts';

/** Schemas of keys that several architectures share. */
export const size = z
  .int()
  .positive()
  .max(2 ** 31);
export const layerCount = size.max(1000);
export const epsilon = z.number().positive();
export const activation = z
  .enum(Object.keys(ACTIVATIONS) as [string, ...string[]])
  .transform((name): Activation => ACTIVATIONS[name] ?? 'gelu');

/** Keys that change what a BERT-like encoder computes, each with the one value that is supported. */
export const encoderOnly = {
  is_decoder: z.literal(false, 'only encoders are supported').nullish(),
  is_encoder_decoder: z.literal(false, 'only encoders are supported').nullish(),
  add_cross_attention: z.literal(false, 'cross-attention is not supported').nullish(),
  position_embedding_type: z
    .literal('absolute', 'only absolute position embeddings are supported; transformers 5 has no others')
    .nullish(),
};

/**
 * Reads settings by a schema of transformers' keys.
 *
 * @throws HubwrightError INPUT_INVALID naming the key.
 */
export function parseKeys<S extends z.ZodType>(schema: S, raw: JsonObject): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidConfig(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** @throws HubwrightError INPUT_INVALID unless heads divide the hidden size. */
export function checkHeads(hiddenSize: number, heads: number, names: readonly [string, string]): void {
  if (hiddenSize % heads === 0) return;
  throw invalidConfig(`${names[0]} ${hiddenSize} is not a multiple of ${names[1]} ${heads}`);
}

export function invalidConfig(what: string): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `config.json: ${what}`, {
    hint: 'copy the config.json that the encoder was trained with into the run folder',
  });
}
