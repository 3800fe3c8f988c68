import { join } from 'node:path';
import { type Lock, listBundleFiles } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { CONFIDENCE } from '../metrics/bootstrap.ts';
import type { StageOptions } from '../progress.ts';
import {
  type Check,
  type Finding,
  type MetricComparison,
  readReport,
  type VerificationReport,
  writeReport,
} from '../verification.ts';
import { VERSION } from '../version.ts';
import { readClaimedFiles } from './claimed-files.ts';
import { findFault } from './fault-finding.ts';
import type { DeviceChoice, Measurement } from './measurement.ts';
import type { Rule, RuleOutcome } from './rule.ts';
import { RULES } from './rules/index.ts';
import type { SampleRequest } from './sample.ts';
import { readScores } from './shard.ts';
import { openSubject, type Subject } from './subject.ts';

export interface VerifyOptions extends StageOptions, DeviceChoice {
  /** Treat warnings as failures. */
  readonly strict?: boolean;
  /** Where scores are kept between runs, by content; undefined keeps none. The report is the same either way. */
  readonly cacheDir?: string | undefined;
  readonly onScored?: (use: CacheUse) => void;
  /**
   * Look at some rows only. The report is labelled `partial`, is never `ok`, and does not replace a passing report about
   * the same files.
   */
  readonly sample?: SampleRequest | undefined;
  /** Files that `verifyShard` wrote, one of each shard, instead of running the model. */
  readonly parts?: readonly string[] | undefined;
}

export interface CacheUse {
  /** Distinct texts that were scored. */
  readonly texts: number;
  /** Those of them whose score an earlier run had computed. */
  readonly cached: number;
}

/** A check without which nothing was proven: a report that skipped it is never `ok`. */
const INDISPENSABLE = 'metrics-recompute';

/**
 * Verifies a bundle with every rule, inference included, and writes `verification.json` into it.
 * What is wrong with the model is in the report; only being unable to look throws.
 *
 * @throws HubwrightError INPUT_MISSING when the folder is no bundle, ABORTED
 */
export async function verify(dir: string, options: VerifyOptions = {}): Promise<VerificationReport> {
  const { onProgress } = options;
  onProgress?.({ kind: 'start', stage: 'verify', message: `verifying ${dir}` });
  const lock = await readClaimedFiles(dir);
  const subject = openSubject(dir, await listBundleFiles(dir), lock, {
    ...options,
    scores: options.parts === undefined ? undefined : await joinParts(dir, lock, options.parts),
  });
  const ignored = await listIgnored(subject);
  const results: RuleResult[] = [];
  for (const rule of RULES) {
    if (options.signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while verifying');
    results.push(await runRule(rule, subject, results, ignored));
  }
  const measurement = await describeInference(subject, results);
  if (measurement !== undefined) {
    const { distinctTexts: texts, cachedTexts: cached } = measurement;
    options.onScored?.({ texts, cached });
    if (cached > 0)
      onProgress?.({ kind: 'note', message: `${cached} of ${texts} texts came from the score cache` });
  }
  const report = makeReport(results, lock, measurement, options);
  if (report.partial !== true || !(await hasPassed(dir, lock))) await writeReport(dir, report);
  const { pass, warn, fail, skip } = report.summary;
  const message = `${pass} passed, ${warn} warned, ${fail} failed, ${skip} skipped`;
  onProgress?.({ kind: 'done', stage: 'verify', message });
  return report;
}

/** Parts that do not fit together are refused before any rule is asked: they say nothing about the bundle. */
async function joinParts(dir: string, lock: Lock, parts: readonly string[]) {
  const { head } = await loadConfig(join(dir, CONFIG_FILE));
  const scores = await readScores(parts, lock.rootDigest, head.activation);
  return async () => scores;
}

/** Whether all rows of these very files were verified before. */
async function hasPassed(dir: string, lock: Lock): Promise<boolean> {
  const earlier = await readReport(dir).catch(() => undefined);
  return earlier?.ok === true && earlier.rootDigest === lock.rootDigest;
}

interface RuleResult {
  readonly check: Check;
  readonly findings: readonly Finding[];
  readonly metrics: readonly MetricComparison[];
}

async function runRule(
  rule: Rule,
  subject: Subject,
  before: readonly RuleResult[],
  ignored: ReadonlyMap<string, string>,
): Promise<RuleResult> {
  const skip = (reason: string): RuleResult => ({
    check: { rule: rule.code, title: rule.title, status: 'skip', reason },
    findings: [],
    metrics: [],
  });
  const reason = ignored.get(rule.code);
  if (reason !== undefined) return skip(`ignored: ${reason}`);
  const unmet = before.find(
    ({ check }) => rule.needs?.includes(check.rule) && !['pass', 'warn'].includes(check.status),
  );
  if (unmet !== undefined) return skip(`needs ${unmet.check.rule}`);

  const outcome: RuleOutcome = await rule
    .check(subject)
    .catch((error: unknown) => ({ findings: [findFault(error)] }));
  if ('skipped' in outcome) return skip(outcome.skipped);
  const findings = outcome.findings.map((finding) => ({
    rule: rule.code,
    severity: rule.severity,
    ...finding,
  }));
  const status = findings.some(({ severity }) => severity === 'error')
    ? 'fail'
    : findings.length > 0
      ? 'warn'
      : 'pass';
  return { check: { rule: rule.code, title: rule.title, status }, findings, metrics: outcome.metrics ?? [] };
}

async function listIgnored(subject: Subject): Promise<Map<string, string>> {
  const config = await subject.config().catch(() => undefined);
  return new Map(config?.verify.ignore.map(({ rule, reason }) => [rule, reason]));
}

async function describeInference(subject: Subject, results: readonly RuleResult[]) {
  const ran = results.some(({ check }) => check.rule === INDISPENSABLE && check.status !== 'skip');
  return ran ? await subject.measurement().catch(() => undefined) : undefined;
}

function describeSample(
  sample: SampleRequest | undefined,
  measurement: Measurement | undefined,
): Pick<VerificationReport, 'partial' | 'sample'> {
  if (sample === undefined) return {};
  if (measurement === undefined) return { partial: true };
  const of = measurement.test.labels.length;
  return { partial: true, sample: { ...sample, of, confidence: CONFIDENCE } };
}

function makeReport(
  results: readonly RuleResult[],
  lock: Lock,
  measurement: Awaited<ReturnType<typeof describeInference>>,
  options: VerifyOptions,
): VerificationReport {
  const checks = results.map(({ check }) => check);
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const summary = { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
  const proven = checks.some(
    ({ rule, status }) => rule === INDISPENSABLE && (status === 'pass' || status === 'warn'),
  );
  return {
    version: 1,
    tool: { name: 'hubwright', version: VERSION },
    ok:
      options.sample === undefined &&
      proven &&
      summary.fail === 0 &&
      !(options.strict === true && summary.warn > 0),
    ...describeSample(options.sample, measurement),
    rootDigest: lock.rootDigest,
    files: lock.files,
    environment: {
      onnxruntime: measurement?.runtimeVersion ?? 'not run',
      executionProvider: measurement?.executionProvider ?? 'not run',
    },
    inference:
      measurement === undefined
        ? null
        : {
            rows: measurement.scores.length,
            distinctTexts: measurement.distinctTexts,
            tokens: measurement.tokens,
            truncatedRows: measurement.truncatedRows,
          },
    metrics: results.flatMap(({ metrics }) => metrics),
    summary,
    checks,
    findings: results.flatMap(({ findings }) => findings),
  };
}
