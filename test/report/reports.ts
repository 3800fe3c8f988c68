import type { ReportContext } from '../../src/report/format.ts';
import type { Check, Finding, MetricComparison, VerificationReport } from '../../src/verification.ts';

export const CONTEXT: ReportContext = {
  name: 'models/reward',
  base: 'models/reward',
  dir: undefined,
  strict: false,
  explain: async (code) =>
    code === 'unknown-rule' ? undefined : { explanation: `Why \`${code}\` matters.`, fix: 'mend it' },
};

const check = (rule: string, group: string, title: string, rest: Partial<Check>): Check => ({
  rule,
  group,
  title,
  severity: 'error',
  status: 'pass',
  docs: `docs/rules.md#${rule}`,
  ...rest,
});

const CHECKS: readonly Check[] = [
  check('required-files', 'files', 'no file is missing or empty', {}),
  check('lock-intact', 'files', 'every file is as the lock records it', { status: 'fail' }),
  check('signature', 'files', 'model.sig is about exactly these files', {
    status: 'skip',
    reason: 'the bundle is not signed',
    notApplicable: true,
  }),
  check('data-duplicates', 'data', 'no row comes twice', {
    severity: 'warning',
    status: 'skip',
    reason: 'templates repeat by design',
    ignored: true,
  }),
  check('card-links', 'card', 'every link and picture of the card leads somewhere', {
    severity: 'warning',
    status: 'warn',
  }),
  check('metrics-recompute', 'inference', 'measured again, the metrics are the claimed ones', {
    status: 'fail',
  }),
  check('predictions-match', 'inference', "each row's score is the recorded one", {
    margin: { what: 'the largest difference of a row', actual: 2.4e-7, limit: 1e-4 },
  }),
];

const FINDINGS: readonly Finding[] = [
  {
    rule: 'lock-intact',
    severity: 'error',
    path: 'onnx/a folder with spaces/model_with_a_very_long_name_that_no_terminal_shows_in_one_line.onnx',
    message: 'was changed: sha256 is 08a1ddecfefd…, the lock says 62e749426439…',
    hint: 'if the change is wanted, make it in the run folder and assemble again',
  },
  {
    rule: 'lock-intact',
    severity: 'error',
    path: 'notes.txt',
    message: 'is in the bundle and not in the lock',
    hint: 'if the change is wanted, make it in the run folder and assemble again',
  },
  {
    rule: 'card-links',
    severity: 'warning',
    path: 'README.md',
    line: 12,
    message: 'the link "docs/old.md" leads nowhere: 100% of readers, me | you, @all <b>see</b> it',
    hint: 'correct the link, or take it out',
  },
  {
    rule: 'metrics-recompute',
    severity: 'error',
    path: 'test_metrics.json',
    message: 'mse is 0.11267413481; inference gives 0.01267413285, off by -1.0e-1 (allowed: 1.1e-5)',
    hint: 'these weights did not give that number: check weights, tokenizer and maxLength, or evaluate again',
  },
];

const metric = (key: string, rest: Partial<MetricComparison>): MetricComparison => ({
  key,
  expected: 0.5,
  actual: 0.5,
  difference: 0,
  tolerance: 5e-5,
  margin: 0,
  status: 'pass',
  ...rest,
});

const METRICS: readonly MetricComparison[] = [
  metric('mse', {
    expected: 0.11267413481,
    actual: 0.01267413285,
    difference: -0.1,
    tolerance: 1.1e-5,
    margin: 9000,
    status: 'fail',
  }),
  metric('mae', { expected: 0.074745843, actual: 0.07474583508, difference: -7.9e-9, margin: 0.00158 }),
  metric('test.metrics.of_the_whole.ground_truth_mean', { actual: 0.50001, difference: 1e-5, margin: 0.2 }),
  metric('my_own', { actual: null, difference: null, margin: null, status: 'not-verified' }),
  metric('num_examples', { expected: 339, actual: 339, tolerance: 0 }),
];

/** A report with a check of every status, a finding of every kind and a metric of every outcome. */
export const DAMAGED: VerificationReport = {
  version: 2,
  tool: { name: 'hubwright', version: '1.2.3' },
  ok: false,
  rootDigest: 'ab'.repeat(32),
  files: [{ path: 'README.md', size: 3, sha256: 'cd'.repeat(32) }],
  environment: { onnxruntime: '1.30.0', executionProvider: 'cpu' },
  inference: { rows: 339, distinctTexts: 330, tokens: 41_085, truncatedRows: 0 },
  metrics: [...METRICS],
  summary: { pass: 2, warn: 1, fail: 2, skip: 2 },
  checks: [...CHECKS],
  findings: [...FINDINGS],
};

const { findings: _, ...rest } = DAMAGED;

export const CLEAN: VerificationReport = {
  ...rest,
  ok: true,
  metrics: METRICS.filter(({ status }) => status === 'pass'),
  summary: { pass: 7, warn: 0, fail: 0, skip: 0 },
  checks: CHECKS.map(({ reason: _, ignored: __, notApplicable: ___, ...one }) => ({
    ...one,
    status: 'pass',
  })),
  findings: [],
};

export const SAMPLE: VerificationReport = {
  ...CLEAN,
  ok: false,
  partial: true,
  selection: CLEAN.checks.map(({ rule }) => rule),
  sample: { rows: 50, of: 339, seed: 7, confidence: 0.99 },
  metrics: CLEAN.metrics.map((one) => ({ ...one, interval: [one.expected * 0.9, one.expected * 1.1] })),
};
