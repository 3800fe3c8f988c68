import type { Rule } from '../rule.ts';
import { baselineMetrics } from './baseline-metrics.ts';
import { batchInvariance } from './batch-invariance.ts';
import { beatsMean } from './beats-mean.ts';
import { cardBaseModel } from './card-base-model.ts';
import { cardExamples } from './card-examples.ts';
import { cardLicense } from './card-license.ts';
import { cardLinks } from './card-links.ts';
import { cardNumbers } from './card-numbers.ts';
import { cardPlaceholders } from './card-placeholders.ts';
import { cardSnippets } from './card-snippets.ts';
import { cardYaml } from './card-yaml.ts';
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
import { dataDuplicates } from './data-duplicates.ts';
import { dataTexts } from './data-texts.ts';
import { determinism } from './determinism.ts';
import { everyLength } from './every-length.ts';
import { fewTruncated } from './few-truncated.ts';
import { fileNames } from './file-names.ts';
import { fileTypes } from './file-types.ts';
import { jsonStrict } from './json-strict.ts';
import { labelConflicts } from './label-conflicts.ts';
import { labelsVary } from './labels-vary.ts';
import { layersDiffer } from './layers-differ.ts';
import { layoutMatches } from './layout-matches.ts';
import { leakExact } from './leak-exact.ts';
import { leakGroups } from './leak-groups.ts';
import { leakNear } from './leak-near.ts';
import { leakNormalised } from './leak-normalised.ts';
import { lfsPointers } from './lfs-pointers.ts';
import { lockIntact } from './lock-intact.ts';
import { metricsPlausible } from './metrics-plausible.ts';
import { metricsRecompute } from './metrics-recompute.ts';
import { onnxData } from './onnx-data.ts';
import { onnxIo } from './onnx-io.ts';
import { onnxOperators } from './onnx-operators.ts';
import { onnxVariants } from './onnx-variants.ts';
import { onnxWeights } from './onnx-weights.ts';
import { overfitGap } from './overfit-gap.ts';
import { paddingInvariance } from './padding-invariance.ts';
import { personalData } from './personal-data.ts';
import { personalPaths } from './personal-paths.ts';
import { pickleSafety } from './pickle-safety.ts';
import { plotNumbers } from './plot-numbers.ts';
import { predictionsMatch } from './predictions-match.ts';
import { predictionsMetrics } from './predictions-metrics.ts';
import { provenance } from './provenance.ts';
import { requiredFiles } from './required-files.ts';
import { rowCounts } from './row-counts.ts';
import { safetensorsHeader } from './safetensors-header.ts';
import { scoresDirection } from './scores-direction.ts';
import { scoresVary } from './scores-vary.ts';
import { secrets } from './secrets.ts';
import { signature } from './signature.ts';
import { splitsAlike } from './splits-alike.ts';
import { strayFiles } from './stray-files.ts';
import { tensorsConfig } from './tensors-config.ts';
import { tokenizerClass } from './tokenizer-class.ts';
import { tokenizerEmbedding } from './tokenizer-embedding.ts';
import { tokenizerLength } from './tokenizer-length.ts';
import { tokenizerLoads } from './tokenizer-loads.ts';
import { tokenizerSpecialIds } from './tokenizer-special-ids.ts';
import { trainingArgsLeaks } from './training-args-leaks.ts';
import { trainingResults } from './training-results.ts';
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
  provenance,
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
  layersDiffer,
  weightsDtype,
  tensorsConfig,
  layoutMatches,
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
  labelsVary,
  leakExact,
  leakNormalised,
  leakNear,
  leakGroups,
  dataDuplicates,
  labelConflicts,
  splitsAlike,
  dataTexts,
  // privacy
  secrets,
  personalPaths,
  personalData,
  pickleSafety,
  trainingArgsLeaks,
  // card
  cardYaml,
  cardLicense,
  cardBaseModel,
  cardNumbers,
  cardLinks,
  cardSnippets,
  cardPlaceholders,
  plotNumbers,
  // metrics
  metricsPlausible,
  predictionsMetrics,
  beatsMean,
  scoresVary,
  scoresDirection,
  trainingResults,
  overfitGap,
  // inference
  metricsRecompute,
  predictionsMatch,
  cardExamples,
  onnxVariants,
  everyLength,
  paddingInvariance,
  batchInvariance,
  determinism,
  fewTruncated,
  // baseline
  baselineMetrics,
];
