import type { ReportRows } from '../../../src/report/html/pack-rows.ts';
import type { Check, VerificationReport } from '../../../src/verification.ts';
import { makeRows } from '../../plot/rows.ts';

export const HOSTILE = `</script><script>window.pwned = true</script><img src=x onerror="window.pwned = true">`;

const check = (rule: string, group: string, status: Check['status']): Check => ({
  rule,
  group,
  title: `what ${rule} says`,
  severity: 'error',
  status,
  docs: `docs/rules.md#${rule}`,
});

/** A report with something of everything that a page has to show. */
export function makeReport(changes: Partial<VerificationReport> = {}): VerificationReport {
  return {
    version: 2,
    tool: { name: 'hubwright', version: '0.0.0' },
    ok: false,
    rootDigest: 'ab'.repeat(32),
    files: [{ path: 'model.onnx', size: 1234, sha256: 'cd'.repeat(32) }],
    environment: { onnxruntime: '1.30.0', executionProvider: 'cpu' },
    inference: { rows: 955, distinctTexts: 950, tokens: 123_456, truncatedRows: 7 },
    metrics: [
      {
        key: 'mse',
        metric: 'mse',
        expected: 0.0123,
        actual: 0.0123,
        difference: 1e-8,
        tolerance: 1e-6,
        margin: 0.01,
        status: 'pass',
      },
      {
        key: 'test.mae',
        metric: 'mae',
        expected: 0.1,
        actual: 0.2,
        difference: 0.1,
        tolerance: 1e-6,
        margin: 1e5,
        status: 'fail',
      },
      {
        key: 'perplexity',
        expected: 3,
        actual: null,
        difference: null,
        tolerance: 0,
        margin: null,
        status: 'not-verified',
      },
    ],
    summary: { pass: 1, warn: 1, fail: 1, skip: 1 },
    checks: [
      check('json-strict', 'files', 'pass'),
      check('data-leak', 'data', 'warn'),
      { ...check('card-numbers', 'card', 'skip'), reason: `ignored: ${HOSTILE}`, ignored: true },
      {
        ...check('metrics-recompute', 'inference', 'fail'),
        margin: { what: 'the largest difference of a row', actual: 2e-4, limit: 1e-4 },
      },
    ],
    findings: [
      {
        rule: 'data-leak',
        severity: 'warning',
        path: `of ${HOSTILE}`,
        line: 3,
        message: HOSTILE,
        hint: HOSTILE,
      },
      {
        rule: 'metrics-recompute',
        severity: 'error',
        path: 'test_metrics.json',
        message: 'mae is 0.2',
        hint: 'train again',
      },
    ],
    ...changes,
  };
}

/** Rows of some hundred characters each; the third one tries to be a script. */
export function makeReportRows(count: number, characters = 300): ReportRows {
  const { labels, predictions } = makeRows(count);
  const words = ['select', 'count', 'from', 'where', 'group by', 'order by', 'join', 'limit'];
  let state = 5;
  const draw = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const texts = labels.map((_, row) => {
    if (row === 2) return HOSTILE;
    let text = `row${row + 1}`;
    while (text.length < characters) text += ` ${words[draw(words.length)]} c${draw(10_000)}`;
    return text;
  });
  return { labelName: 'similarity', labels, predictions, texts };
}
