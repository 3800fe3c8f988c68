import { isRecord, readCardData } from '../formats/card-yaml.ts';
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

/** A table row whose first cell is a name and whose second is one plain number. */
const TABLE_ROW = /^\|\s*([^|]+?)\s*\|\s*(-?\d+(?:\.\d+)?)\s*\|/;

/**
 * Metrics that a model card states about the test split: those of `model-index` and those of Markdown tables of the
 * form `| MSE | 0.0203 | …`.
 */
export function listCardNumbers(card: string): CardNumber[] {
  return [...listModelIndex(card), ...listTableRows(card)];
}

function* listModelIndex(card: string): Generator<CardNumber> {
  const index = readCardData(card)?.['model-index'] as ModelIndex | undefined;
  for (const { results } of recordsIn(index)) {
    for (const { dataset, metrics } of recordsIn(results)) {
      if (dataset?.split !== undefined && dataset.split !== 'test') continue;
      for (const { type, value } of recordsIn(metrics)) {
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

/** A card is written by hand: where a list of objects belongs may be anything. */
function recordsIn<T extends object>(list: readonly T[] | undefined): T[] {
  return Array.isArray(list) ? list.filter((item: unknown): item is T => isRecord(item)) : [];
}

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
