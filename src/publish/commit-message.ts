import { countChecks, type VerificationReport } from '../verification.ts';
import { VERSION } from '../version.ts';

/** More metrics than this belong on the card. */
const MAX_METRICS = 8;

/** Title and description of the one commit: how many files, which bytes, what was measured. */
export function writeCommitMessage(input: {
  readonly message: string | undefined;
  readonly changed: number;
  readonly rootDigest: string;
  readonly report: VerificationReport | null;
}): { title: string; description: string } {
  const { message, changed, rootDigest, report } = input;
  const files = changed === 1 ? '1 file' : `${changed} files`;
  const title = message ?? `Publish ${files} with Hubwright${report === null ? ', not verified' : ''}`;
  const lines = [`Hubwright ${VERSION}: ${files}`, `Root digest: ${rootDigest}`, ...describeReport(report)];
  return { title, description: lines.join('\n') };
}

function describeReport(report: VerificationReport | null): string[] {
  if (report === null) return ['Not verified: published with --no-verify'];
  const rows = report.inference === null ? '' : `, inference over ${report.inference.rows} rows`;
  const metrics = report.metrics
    .filter((metric) => metric.status === 'pass' && metric.actual !== null)
    .slice(0, MAX_METRICS)
    .map((metric) => `${metric.metric ?? metric.key} ${Number(metric.actual?.toPrecision(5))}`);
  return [
    `Verified: ${countChecks(report)}${rows}`,
    ...(metrics.length > 0 ? [`Measured: ${metrics.join(', ')}`] : []),
  ];
}
