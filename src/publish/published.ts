import { createTwoFilesPatch } from 'diff';
import { isRecord, readCardData } from '../formats/card-yaml.ts';
import type { VerificationReport } from '../verification.ts';

/** A number as it is published, and as it will be. */
export interface MetricChange {
  readonly metric: string;
  /** Null where the published revision does not have it. */
  readonly published: number | null;
  readonly now: number | null;
}

/** A repository's card and report, as far as it has them. */
export interface Claims {
  readonly card: string | undefined;
  readonly report: VerificationReport | null | undefined;
}

/**
 * The measured numbers beside those of the published revision: from both reports where there are two, else from the
 * `model-index` of both cards. In the order of the new ones; what is gone comes last.
 */
export function compareMetrics(published: Claims, now: Claims): MetricChange[] {
  // A repository without either has nothing that ours would have to be comparable with.
  const hasReports = now.report != null && (published.report != null || published.card === undefined);
  const before = hasReports ? reportMetrics(published.report) : cardMetrics(published.card);
  const after = hasReports ? reportMetrics(now.report) : cardMetrics(now.card);
  return [...new Set([...after.keys(), ...before.keys()])].map((metric) => ({
    metric,
    published: before.get(metric) ?? null,
    now: after.get(metric) ?? null,
  }));
}

function reportMetrics(report: VerificationReport | null | undefined): Map<string, number> {
  const measured = new Map<string, number>();
  for (const { key, actual } of report?.metrics ?? []) if (actual !== null) measured.set(key, actual);
  return measured;
}

/** The numbers of `model-index`, by type, with the dataset's name before it where there are several. */
function cardMetrics(card: string | undefined): Map<string, number> {
  const results = listOf(listOf(readCardData(card ?? '')?.['model-index']).flatMap((one) => one.results));
  const values = new Map<string, number>();
  for (const { dataset, metrics } of results) {
    const name =
      results.length > 1 && isRecord(dataset) ? `${dataset.name} ${dataset.split ?? ''}`.trim() : '';
    for (const { type, value } of listOf(metrics)) {
      if (typeof value === 'number') values.set(`${name} ${type}`.trim(), value);
    }
  }
  return values;
}

/** The objects of what should be a list of them, however deep they were put. */
function listOf(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value.flat() : []).filter(isRecord);
}

/** Lines of context around a change of the card. */
const CONTEXT = 2;

/** What changes in the card, as `diff -u` shows it; empty when nothing does or there was none. */
export function diffCards(published: string | undefined, now: string): string {
  if (published === undefined || published === now) return '';
  return createTwoFilesPatch('README.md on the Hub', 'README.md', published, now, '', '', {
    context: CONTEXT,
  }).replace(/^=+\n/, '');
}
