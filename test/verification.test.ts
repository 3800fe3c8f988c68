import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Lock } from '../src/bundle.ts';
import {
  judgeReport,
  parseReport,
  readPassingReport,
  readReport,
  reportJsonSchema,
  type VerificationReport,
  writeReport,
} from '../src/verification.ts';
import { catchError } from './fixtures/caught.ts';
import { makeTempDir } from './fixtures/temp-dir.ts';

const lock: Lock = {
  version: 1,
  rootDigest: 'a'.repeat(64),
  files: [{ path: 'README.md', size: 3, sha256: 'b'.repeat(64) }],
};
const about = (rule: string) =>
  ({ rule, group: 'files', title: 'every file', severity: 'error', docs: `docs/rules.md#${rule}` }) as const;
const report: VerificationReport = {
  version: 2,
  tool: { name: 'hubwright', version: '0.1.0' },
  ok: true,
  rootDigest: lock.rootDigest,
  files: lock.files,
  environment: { onnxruntime: '1.30.0', executionProvider: 'cpu' },
  inference: { rows: 3, distinctTexts: 2, tokens: 30, truncatedRows: 0 },
  metrics: [
    {
      key: 'mse',
      metric: 'mse',
      expected: 0.02,
      actual: 0.02,
      difference: 0,
      tolerance: 1e-5,
      margin: 0,
      status: 'pass',
    },
    {
      key: 'loss',
      expected: 2,
      actual: null,
      difference: null,
      tolerance: 0,
      margin: null,
      status: 'not-verified',
    },
  ],
  summary: { pass: 1, warn: 0, fail: 0, skip: 1 },
  checks: [
    { ...about('lock-intact'), status: 'pass', margin: { what: 'nothing', actual: 0, limit: 1 } },
    { ...about('row-counts'), status: 'skip', reason: 'cut', ignored: true },
  ],
  findings: [{ rule: 'a', severity: 'warning', path: '.', message: 'm', hint: 'h' }],
};

test('a report is read back as it was written', async () => {
  const dir = makeTempDir();
  await writeReport(dir, report);
  expect(await readReport(dir)).toEqual(report);
  expect(await readPassingReport(dir, lock)).toEqual(report);
});

test('a folder without a report has none', async () => {
  expect(await readReport(makeTempDir())).toBeUndefined();
});

const REFUSED: Record<string, [change: object | undefined, message: RegExp]> = {
  'no report': [undefined, /has not been verified: it has no verification\.json/],
  'a report about other files': [{ rootDigest: 'c'.repeat(64) }, /verification\.json is about other files/],
  'a report about some rules': [
    { ok: false, partial: true, selection: ['a'] },
    /in part only: a choice of the rules/,
  ],
  'a report that failed': [{ ok: false }, /verification of .* failed/],
};

test.each(Object.entries(REFUSED))('%s does not let a bundle be published', async (_, [change, message]) => {
  const dir = makeTempDir();
  if (change !== undefined) await writeReport(dir, { ...report, ...change });
  const error = await catchError(readPassingReport(dir, lock));
  expect(error.code).toBe('NOT_VERIFIED');
  expect(error.message).toMatch(message);
  expect(error.hint).toBe(`run hubwright verify ${dir}`);
});

const BAD: Record<string, [text: string, message: RegExp]> = {
  'no JSON': ['{', /^verification\.json, line 1/],
  'no object': ['[]', /^verification\.json is not a report: .*expected object/],
  'no verdict': [JSON.stringify({ ...report, ok: undefined }), /is not a report: ok: /],
  'a verdict in words': [JSON.stringify({ ...report, ok: 'true' }), /is not a report: ok: /],
  'an unknown key': [JSON.stringify({ ...report, time: 1 }), /"time"/],
  'another version': [JSON.stringify({ ...report, version: 1 }), /is not a report: version: /],
  'another tool': [
    JSON.stringify({ ...report, tool: { name: 'x', version: '1' } }),
    /is not a report: tool\.name: /,
  ],
  'a path that climbs out': [
    JSON.stringify({ ...report, files: [{ path: '../x', size: 0, sha256: 'b'.repeat(64) }] }),
    /path leaves the bundle/,
  ],
};

test.each(Object.entries(BAD))('a report with %s is refused', async (_, [text, message]) => {
  const error = await catchError(() => parseReport(text));
  expect(error.code).toBe('INPUT_INVALID');
  expect(error.message).toMatch(message);
});

test('a report that cannot be read is not taken for none', async () => {
  const dir = makeTempDir();
  mkdirSync(join(dir, 'verification.json'));
  expect((await catchError(readPassingReport(dir, lock))).code).toBe('INPUT_MISSING');
});

test('a damaged report does not let a bundle be published', async () => {
  const dir = makeTempDir();
  writeFileSync(join(dir, 'verification.json'), '{"ok": true}');
  expect((await catchError(readPassingReport(dir, lock))).code).toBe('INPUT_INVALID');
});

test('the JSON Schema names every key of a report, and those that only some reports have', () => {
  const schema = reportJsonSchema() as { properties: object; required: string[] };
  expect(schema.required.toSorted()).toEqual(Object.keys(report).sort());
  const optional = Object.keys(schema.properties).filter((key) => !schema.required.includes(key));
  expect(optional).toEqual(['partial', 'selection', 'sample', 'variants', 'baseline']);
});

const RUN: [outcome: string, strict: boolean, change: object][] = [
  ['passed', false, {}],
  ['failed', false, { ok: false, summary: { ...report.summary, fail: 1 } }],
  ['passed', false, { summary: { ...report.summary, warn: 1 } }],
  ['failed', true, { summary: { ...report.summary, warn: 1 } }],
  ['unproven', false, { ok: false }],
  ['passed', false, { ok: false, partial: true }],
  ['unproven', false, { ok: false, partial: true, summary: { pass: 0, warn: 0, fail: 0, skip: 3 } }],
];

test.each(RUN)('%s (strict: %s): %j', (outcome, strict, change) => {
  expect(judgeReport({ ...report, ...change }, strict)).toBe(outcome);
});
