import { CARD_CASES } from './card.ts';
import { DATA_CASES } from './data.ts';
import { EXAMPLE_CASES } from './examples.ts';
import { FILE_CASES } from './files.ts';
import { GROUP_CASES } from './groups.ts';
import { INFERENCE_CASES } from './inference.ts';
import { LAYOUT_CASES } from './layout.ts';
import { METRIC_CASES } from './metrics.ts';
import { MODEL_CASES } from './model.ts';
import { PRIVACY_CASES } from './privacy.ts';
import { PROVENANCE_CASES } from './provenance.ts';
import type { RuleCase } from './rule-case.ts';
import { SIGNATURE_CASES } from './signature.ts';
import { VARIANT_CASES } from './variants.ts';

export const RULE_CASES: readonly RuleCase[] = [
  ...FILE_CASES,
  ...SIGNATURE_CASES,
  ...PROVENANCE_CASES,
  ...MODEL_CASES,
  ...LAYOUT_CASES,
  ...DATA_CASES,
  ...GROUP_CASES,
  ...PRIVACY_CASES,
  ...CARD_CASES,
  ...METRIC_CASES,
  ...INFERENCE_CASES,
  ...EXAMPLE_CASES,
  ...VARIANT_CASES,
];
