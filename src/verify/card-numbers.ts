import { parseDocument } from 'yaml';
import { resolveMetricKey } from '../metrics/aliases.ts';
import type { MetricId } from '../metrics/metric-id.ts';
import { halfLastDecimal } from '../metrics/tolerance.ts';

/** A metric that a card states. */
export interface CardNumber {
  readonly metric: MetricId;
  readonly value: number;
  /** As the card prints it. */
  readonly text: string;
  /** How far off a value may be that rounds to `text`. */
  readonly precision: number;
  /** Where in the card, for a message. */
  readonly where: string;
}

const FRONT_MATTER = /^\s*---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;
/** A table row whose first cell is a name and whose second is one plain number. */
const TABLE_ROW = /^\|\s*([^|]+?)\s*\|\s*(-?\d+(?:\.\d+)?)\s*\|/;

/**
 * Metrics that a model card states about the test split: those of `model-index` and those of Markdown tables of the
 * form `| MSE | 0.0203 | …`.
 */
export function listCardNumbers(card: string): CardNumber[] {
  const frontMatter = FRONT_MATTER.exec(card)?.[1] ?? '';
  return [...listModelIndex(frontMatter), ...listTableRows(card)];
}

function* listModelIndex(frontMatter: string): Generator<CardNumber> {
  const document = parseDocument(frontMatter, { logLevel: 'silent' });
  if (document.errors.length > 0) return;
  const index = (document.toJS({ maxAliasCount: 10 }) as { 'model-index'?: ModelIndex } | null)?.[
    'model-index'
  ];
  for (const { results } of Array.isArray(index) ? index : []) {
    for (const { dataset, metrics } of Array.isArray(results) ? results : []) {
      if (dataset?.split !== undefined && dataset.split !== 'test') continue;
      for (const { type, value } of Array.isArray(metrics) ? metrics : []) {
        const metric = typeof type === 'string' ? resolveMetricKey([type]) : undefined;
        if (metric === undefined || typeof value !== 'number') continue;
        yield {
          metric,
          value,
          text: String(value),
          precision: halfLastDecimal(value),
          where: `model-index, ${type},`,
        };
      }
    }
  }
}

type ModelIndex = {
  results?: { dataset?: { split?: unknown }; metrics?: { type?: unknown; value?: unknown }[] }[];
}[];

function* listTableRows(card: string): Generator<CardNumber> {
  for (const [i, line] of card.split('\n').entries()) {
    const [, name = '', text = ''] = TABLE_ROW.exec(line) ?? [];
    const metric = text === '' ? undefined : resolveMetricKey([name.replaceAll('*', '').replace('R²', 'r2')]);
    if (metric === undefined) continue;
    const decimals = text.split('.')[1]?.length ?? 0;
    const precision = 0.5 * 10 ** -decimals * (1 + 1e-9);
    yield { metric, value: Number(text), text, precision, where: `line ${i + 1}, ${name},` };
  }
}
