import { createHash } from 'node:crypto';
import type { Log, Notification, ReportingDescriptor, Result } from 'sarif';
import { formatJson } from '../formats/json.ts';
import type { Check, Finding, VerificationReport } from '../verification.ts';
import type { ReportContext, ReportFormat } from './format.ts';
import { showReport } from './shown-report.ts';
import { describeSkip, joinBase } from './words.ts';

/** SARIF 2.1.0 (OASIS), as GitHub's code scanning and editors read it: one result a finding. */
export const sarif: ReportFormat = {
  title: 'SARIF 2.1.0, for code scanning and editors',
  render: async (report, context) => formatJson(await makeLog(showReport(report), context)),
};

async function makeLog(report: VerificationReport, context: ReportContext): Promise<Log> {
  const rules = await Promise.all(report.checks.map((check) => describeRule(check, context)));
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: report.tool.name, version: report.tool.version, rules } },
        automationDetails: { id: `hubwright/verify/${context.name}/` },
        invocations: [
          {
            // It says that the tool worked, not that the model is right.
            executionSuccessful: true,
            toolConfigurationNotifications: report.checks
              .filter(({ status }) => status === 'skip')
              .map((check) => notifySkip(check, report)),
          },
        ],
        results: report.findings.map((finding) => describeResult(finding, report, context)),
        columnKind: 'utf16CodeUnits',
        properties: { ok: report.ok, rootDigest: report.rootDigest, ...report.summary },
      },
    ],
  };
}

async function describeRule(check: Check, { explain }: ReportContext): Promise<ReportingDescriptor> {
  const known = await explain(check.rule);
  const text = known === undefined ? check.title : `${known.explanation}\n\nFix: ${known.fix}`;
  return {
    id: check.rule,
    shortDescription: { text: check.title },
    fullDescription: { text: known?.explanation ?? check.title },
    help: { text: text.replaceAll('`', ''), markdown: text },
    defaultConfiguration: { level: check.severity },
    properties: { tags: [check.group] },
  };
}

function describeResult(finding: Finding, report: VerificationReport, { base }: ReportContext): Result {
  const { rule, severity, path, line, message, hint } = finding;
  const uri = joinBase(base, path).split('/').map(encodeURIComponent).join('/');
  return {
    ruleId: rule,
    ruleIndex: report.checks.findIndex((check) => check.rule === rule),
    level: severity,
    message: { text: `${message}. Next: ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          ...(line === undefined ? {} : { region: { startLine: line } }),
        },
      },
    ],
    // By what it is about, not by its numbers: the same fault in the next run is the same alert.
    partialFingerprints: { 'hubwrightFinding/v1': fingerprint(finding, report) },
  };
}

function fingerprint({ rule, path, message }: Finding, { findings }: VerificationReport): string {
  const bare = (text: string) => text.replace(/[\d.]+(e[+-]?\d+)?/g, '#');
  const same = findings.filter(
    (one) => one.rule === rule && one.path === path && bare(one.message) === bare(message),
  );
  const nth = same.findIndex((one) => one.message === message);
  return createHash('sha256')
    .update(JSON.stringify([rule, path, bare(message), nth]))
    .digest('hex')
    .slice(0, 32);
}

function notifySkip(check: Check, { checks }: VerificationReport): Notification {
  return {
    level: 'note',
    message: {
      text: `${check.rule} ${check.notApplicable === true ? 'is' : 'was skipped:'} ${describeSkip(check)}`,
    },
    associatedRule: { id: check.rule, index: checks.indexOf(check) },
  };
}
