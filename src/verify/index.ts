import { join } from 'node:path';
import type { SigningKey } from '../attest/keys.ts';
import { type Lock, listBundleFiles } from '../bundle.ts';
import { CONFIG_FILE, loadConfig } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import type { DeviceChoice } from '../inference/device.ts';
import { CONFIDENCE } from '../metrics/bootstrap.ts';
import type { StageOptions } from '../progress.ts';
import {
  type Check,
  countChecks,
  readReport,
  type VerificationReport,
  writeReport,
} from '../verification.ts';
import { VERSION } from '../version.ts';
import type { Baseline } from './baseline.ts';
import { readClaimedFiles } from './claimed-files.ts';
import { describeEnvironment, type Measurement } from './measurement.ts';
import { RULES } from './rules/index.ts';
import { type RuleResult, runRule } from './run-rule.ts';
import type { SampleRequest } from './sample.ts';
import { listIgnored, type SelectionOptions, selectRules } from './selection.ts';
import { readScores } from './shard.ts';
import { openSubject } from './subject.ts';

export interface VerifyOptions extends StageOptions, DeviceChoice, SelectionOptions {
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
  /** The public key of who should have signed the bundle: without such a signature it fails. */
  readonly publicKey?: SigningKey | undefined;
  /** What the model must not be worse than. */
  readonly baseline?: Baseline | undefined;
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
  const rules = selectRules(RULES, options);
  onProgress?.({ kind: 'start', stage: 'verify', message: `verifying ${dir}` });
  const lock = await readClaimedFiles(dir);
  const subject = openSubject(dir, await listBundleFiles(dir), lock, {
    ...options,
    scores: options.parts === undefined ? undefined : await joinParts(dir, lock, options.parts),
  });
  const config = await subject.config().catch(() => undefined);
  const ignored = listIgnored(RULES, config?.verify.ignore ?? [], options.ignore);
  const results: RuleResult[] = [];
  for (const rule of rules) {
    if (options.signal?.aborted) throw new HubwrightError('ABORTED', 'stopped while verifying');
    results.push(await runRule(rule, subject, results, ignored));
  }
  const measurement = await subject.measured();
  if (measurement !== undefined) {
    const { distinctTexts: texts, cachedTexts: cached } = measurement;
    options.onScored?.({ texts, cached });
    if (cached > 0)
      onProgress?.({ kind: 'note', message: `${cached} of ${texts} texts came from the score cache` });
  }
  const report = makeReport(results, lock, measurement, options);
  if (report.partial !== true || !(await hasPassed(dir, lock))) await writeReport(dir, report);
  onProgress?.({ kind: 'done', stage: 'verify', message: countChecks(report) });
  return report;
}

/** Parts that do not fit together are refused before any rule is asked: they say nothing about the bundle. */
async function joinParts(dir: string, lock: Lock, parts: readonly string[]) {
  const { head } = await loadConfig(join(dir, CONFIG_FILE), { inside: true });
  const scores = await readScores(parts, lock.rootDigest, head.activation);
  return async () => scores;
}

/** Whether all rows of these very files were verified before. */
async function hasPassed(dir: string, lock: Lock): Promise<boolean> {
  const earlier = await readReport(dir).catch(() => undefined);
  return earlier?.ok === true && earlier.rootDigest === lock.rootDigest;
}

/** What was left out: rules that were not asked for, rows that the sample does not hold. */
function describePart(
  { only, cheap, sample }: VerifyOptions,
  results: readonly RuleResult[],
  measurement: Measurement | undefined,
): Pick<VerificationReport, 'partial' | 'selection' | 'sample'> {
  const isChoice = only !== undefined || cheap === true;
  const of = measurement?.test.labels.length;
  return {
    ...(isChoice || sample !== undefined ? { partial: true } : {}),
    ...(isChoice ? { selection: results.map(({ check }) => check.rule) } : {}),
    ...(sample === undefined || of === undefined
      ? {}
      : { sample: { ...sample, of, confidence: CONFIDENCE } }),
  };
}

function makeReport(
  results: readonly RuleResult[],
  lock: Lock,
  measurement: Measurement | undefined,
  options: VerifyOptions,
): VerificationReport {
  const checks = results.map(({ check }) => check);
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const summary = { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
  const proven = checks.some(
    ({ rule, status }) => rule === INDISPENSABLE && (status === 'pass' || status === 'warn'),
  );
  const part = describePart(options, results, measurement);
  const variants = results.flatMap((result) => result.variants);
  const baseline = results.find((result) => result.baseline !== undefined)?.baseline;
  return {
    version: 2,
    tool: { name: 'hubwright', version: VERSION },
    ok:
      part.partial === undefined &&
      proven &&
      summary.fail === 0 &&
      !(options.strict === true && summary.warn > 0),
    ...part,
    rootDigest: lock.rootDigest,
    files: lock.files,
    environment:
      measurement === undefined
        ? { onnxruntime: 'not run', executionProvider: 'not run' }
        : describeEnvironment(measurement),
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
    ...(variants.length === 0 ? {} : { variants }),
    ...(baseline === undefined ? {} : { baseline }),
    summary,
    checks,
    findings: results.flatMap(({ findings }) => findings),
  };
}
