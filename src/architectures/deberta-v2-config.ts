import { z } from 'zod';
import type { JsonObject } from '../formats/json.ts';
import { type BertConfig, bertKeys, toBertConfig } from './bert.ts';
import { epsilon, invalidConfig, parseKeys, size } from './config-keys.ts';

export interface DebertaConfig extends BertConfig {
  readonly embeddingSize: number;
  /** Whether the embeddings hold absolute positions too. */
  readonly addsPositions: boolean;
  /** Half the number of relative positions told apart; undefined where attention knows none. */
  readonly span: number | undefined;
  /** Whether far positions share buckets, and up to which distance they differ. */
  readonly isLogarithmic: boolean;
  readonly maxDistance: number;
  readonly normsRelative: boolean;
  /** Whether relative positions go through the projections of the content. */
  readonly sharesProjections: boolean;
  readonly contentToPosition: boolean;
  readonly positionToContent: boolean;
}

const schema = z.looseObject({
  ...bertKeys,
  vocab_size: size.default(128100),
  hidden_size: size.default(1536),
  num_hidden_layers: bertKeys.num_hidden_layers.removeDefault().default(24),
  num_attention_heads: size.default(24),
  intermediate_size: size.default(6144),
  type_vocab_size: z.int().min(0).default(0),
  layer_norm_eps: epsilon.default(1e-7),
  embedding_size: size.nullish(),
  attention_head_size: size.nullish(),
  pooler_hidden_size: size.nullish(),
  relative_attention: z.boolean().default(false),
  max_relative_positions: z.int().default(-1),
  position_buckets: z.int().default(-1),
  position_biased_input: z.boolean().default(true),
  pos_att_type: z.union([z.string(), z.array(z.string())]).nullish(),
  share_att_key: z.boolean().default(false),
  norm_rel_ebd: z.string().default('none'),
  conv_kernel_size: z.literal(0, 'the convolution of DeBERTa-v2-xlarge is not supported').nullish(),
});

/** Reads settings of DeBERTa version 2 or 3. @throws HubwrightError INPUT_INVALID naming the key. */
export function readDebertaConfig(raw: JsonObject): DebertaConfig {
  const keys = parseKeys(schema, raw);
  const kinds = listKinds(keys.pos_att_type);
  const strange = kinds.find((kind) => kind !== 'c2p' && kind !== 'p2c');
  if (strange !== undefined) throw invalidConfig(`pos_att_type ${JSON.stringify(strange)} is not c2p or p2c`);
  if (!keys.relative_attention && kinds.length > 0) {
    throw invalidConfig('pos_att_type is given, and relative_attention is false');
  }
  for (const key of ['attention_head_size', 'pooler_hidden_size'] as const) {
    const usual =
      key === 'pooler_hidden_size' ? keys.hidden_size : keys.hidden_size / keys.num_attention_heads;
    if ((keys[key] ?? usual) !== usual)
      throw invalidConfig(`${key} ${keys[key]}: only ${usual} is supported`);
  }
  const maxDistance =
    keys.max_relative_positions < 1 ? keys.max_position_embeddings : keys.max_relative_positions;
  const isLogarithmic = keys.position_buckets > 0;
  if (isLogarithmic && (keys.position_buckets < 4 || maxDistance - 1 <= keys.position_buckets / 2)) {
    throw invalidConfig(
      `position_buckets ${keys.position_buckets} do not fit max_relative_positions ${maxDistance}`,
    );
  }
  const { limitsLength: _, ...config } = toBertConfig({ ...keys, type_vocab_size: keys.type_vocab_size });
  return {
    ...config,
    ...(keys.position_biased_input ? { limitsLength: true } : {}),
    embeddingSize: keys.embedding_size ?? keys.hidden_size,
    addsPositions: keys.position_biased_input,
    span: keys.relative_attention ? (isLogarithmic ? keys.position_buckets : maxDistance) : undefined,
    isLogarithmic,
    maxDistance,
    normsRelative: keys.relative_attention && listParts(keys.norm_rel_ebd).includes('layer_norm'),
    sharesProjections: keys.share_att_key,
    contentToPosition: kinds.includes('c2p'),
    positionToContent: kinds.includes('p2c'),
  };
}

function listKinds(value: string | string[] | null | undefined): string[] {
  return typeof value === 'string' ? listParts(value) : (value ?? []);
}

/** `c2p|p2c`, as settings of older versions have it. */
function listParts(text: string): string[] {
  return text
    .toLowerCase()
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
