import type { CsvTable } from '../formats/csv.ts';
import type { MetricEntry } from '../metrics/entries.ts';
import { type Fact, fact } from './fact.ts';

const NAMES = /^(labels?|targets?|scores?|rewards?|y|y_true|ground_?truth|gold|rating|similarity.*)$/i;

/** The columns of a table in which every cell is a number. */
export function listNumericColumns({ columns, rows }: CsvTable): string[] {
  const isNumber = (cell: string | undefined) =>
    cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell));
  return columns.filter((column) => rows.every(({ cells }) => isNumber(cells[column])));
}

/**
 * Finds the column of true scores: the one whose mean is the label mean that the metrics file states, or else the only
 * one that its name or its range leaves.
 *
 * @param file the table's name, for the words
 */
export function inferLabel(
  table: CsvTable,
  metrics: readonly MetricEntry[],
  file: string,
): Fact<string> | undefined {
  const numeric = listNumericColumns(table);
  const stated = metrics.find(({ metric }) => metric === 'labelMean');
  if (stated !== undefined) {
    const near = numeric.filter((column) => Math.abs(meanOf(table, column) - stated.value) <= 1e-3);
    const [only] = near;
    if (near.length === 1 && only !== undefined) {
      return fact('input.label', only, `its mean in ${file} is the ${stated.key} of the metrics`);
    }
  }
  const inRange = numeric.filter((column) =>
    table.rows.every(({ cells }) => within(Number(cells[column]), 0, 1)),
  );
  const named = numeric.filter((column) => NAMES.test(column));
  const [byName, byRange] = [named, inRange].map((found) => (found.length === 1 ? found[0] : undefined));
  if (byName !== undefined)
    return fact('input.label', byName, `the only numeric column of ${file} with such a name`);
  if (byRange !== undefined)
    return fact('input.label', byRange, `the only column of ${file} with numbers from 0 to 1`);
  return undefined;
}

function meanOf({ rows }: CsvTable, column: string): number {
  return rows.reduce((sum, { cells }) => sum + Number(cells[column]), 0) / rows.length;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
