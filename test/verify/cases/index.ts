import { DATA_CASES } from './data.ts';
import { FILE_CASES } from './files.ts';
import { INFERENCE_CASES } from './inference.ts';
import { MODEL_CASES } from './model.ts';
import type { RuleCase } from './rule-case.ts';
import { SIGNATURE_CASES } from './signature.ts';

export const RULE_CASES: readonly RuleCase[] = [
  ...FILE_CASES,
  ...SIGNATURE_CASES,
  ...MODEL_CASES,
  ...DATA_CASES,
  ...INFERENCE_CASES,
];
