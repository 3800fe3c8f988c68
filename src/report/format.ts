import type { VerificationReport } from '../verification.ts';

/** What a rendering may say beside the report itself. The same report and context give the same bytes. */
export interface ReportContext {
  /** What was verified, as people call it: a folder, or `owner/name@revision`. */
  readonly name: string;
  /** The bundle's folder as seen from the repository's root, `/`-separated; '' where files have no place in one. */
  readonly base: string;
  /** The bundle's folder, for formats that show its rows; undefined when it is not at hand. */
  readonly dir: string | undefined;
  /** Whether warnings count as failures. */
  readonly strict: boolean;
  /** Why a rule matters and what to do, by its code; undefined for one that this version does not know. */
  readonly explain: (code: string) => Promise<RuleWords | undefined>;
}

/** What a rule says of itself. */
export interface RuleWords {
  readonly explanation: string;
  readonly fix: string;
}

/** One way to write a report. */
export interface ReportFormat {
  /** What it is for, in a few words: shown in the help. */
  readonly title: string;
  render(report: VerificationReport, context: ReportContext): string | Promise<string>;
}
