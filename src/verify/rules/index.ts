import type { Rule } from '../rule.ts';
import { cardNumbers } from './card-numbers.ts';
import { csvSchema } from './csv-schema.ts';
import { jsonStrict } from './json-strict.ts';
import { lockIntact } from './lock-intact.ts';
import { metricsRecompute } from './metrics-recompute.ts';
import { onnxWeights } from './onnx-weights.ts';
import { predictionsMatch } from './predictions-match.ts';
import { requiredFiles } from './required-files.ts';
import { rowCounts } from './row-counts.ts';
import { safetensorsHeader } from './safetensors-header.ts';
import { tensorsConfig } from './tensors-config.ts';
import { tokenizerEmbedding } from './tokenizer-embedding.ts';

/** All rules, by group, in the order in which they run and in which their findings are reported. */
export const RULES: readonly Rule[] = [
  // files
  requiredFiles,
  lockIntact,
  jsonStrict,
  // weights
  safetensorsHeader,
  tensorsConfig,
  // tokenizer
  tokenizerEmbedding,
  // graph
  onnxWeights,
  // data
  csvSchema,
  rowCounts,
  // card
  cardNumbers,
  // inference
  metricsRecompute,
  predictionsMatch,
];
