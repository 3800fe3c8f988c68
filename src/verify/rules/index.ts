import type { Rule } from '../rule.ts';
import { cardNumbers } from './card-numbers.ts';
import { codeImports } from './code-imports.ts';
import { codeMatches } from './code-matches.ts';
import { codePortable } from './code-portable.ts';
import { configActivation } from './config-activation.ts';
import { configAutoMap } from './config-auto-map.ts';
import { configLabels } from './config-labels.ts';
import { configLength } from './config-length.ts';
import { configModelType } from './config-model-type.ts';
import { configSpellings } from './config-spellings.ts';
import { configTypes } from './config-types.ts';
import { csvSchema } from './csv-schema.ts';
import { fileNames } from './file-names.ts';
import { fileTypes } from './file-types.ts';
import { jsonStrict } from './json-strict.ts';
import { lfsPointers } from './lfs-pointers.ts';
import { lockIntact } from './lock-intact.ts';
import { metricsRecompute } from './metrics-recompute.ts';
import { onnxData } from './onnx-data.ts';
import { onnxIo } from './onnx-io.ts';
import { onnxOperators } from './onnx-operators.ts';
import { onnxWeights } from './onnx-weights.ts';
import { predictionsMatch } from './predictions-match.ts';
import { requiredFiles } from './required-files.ts';
import { rowCounts } from './row-counts.ts';
import { safetensorsHeader } from './safetensors-header.ts';
import { signature } from './signature.ts';
import { strayFiles } from './stray-files.ts';
import { tensorsConfig } from './tensors-config.ts';
import { tokenizerClass } from './tokenizer-class.ts';
import { tokenizerEmbedding } from './tokenizer-embedding.ts';
import { tokenizerLength } from './tokenizer-length.ts';
import { tokenizerLoads } from './tokenizer-loads.ts';
import { tokenizerSpecialIds } from './tokenizer-special-ids.ts';
import { weightsAlive } from './weights-alive.ts';
import { weightsDtype } from './weights-dtype.ts';
import { weightsFinite } from './weights-finite.ts';
import { weightsMetadata } from './weights-metadata.ts';
import { weightsPickleFree } from './weights-pickle-free.ts';

/** All rules, by group, in the order in which they run and in which their findings are reported. */
export const RULES: readonly Rule[] = [
  // files
  requiredFiles,
  lockIntact,
  signature,
  lfsPointers,
  fileTypes,
  fileNames,
  strayFiles,
  jsonStrict,
  // weights
  safetensorsHeader,
  weightsMetadata,
  weightsPickleFree,
  weightsFinite,
  weightsAlive,
  weightsDtype,
  tensorsConfig,
  // config
  configTypes,
  configLabels,
  configActivation,
  configModelType,
  configAutoMap,
  configSpellings,
  configLength,
  // tokenizer
  tokenizerLoads,
  tokenizerClass,
  tokenizerSpecialIds,
  tokenizerEmbedding,
  tokenizerLength,
  // code
  codeImports,
  codePortable,
  codeMatches,
  // graph
  onnxData,
  onnxIo,
  onnxOperators,
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
