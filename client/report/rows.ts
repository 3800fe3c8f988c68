import type { RowData } from '../../src/report/html/row-data.ts';

/** One row of the test split. */
export interface Row {
  /** In the split, counted from 1 without the header. */
  readonly number: number;
  readonly label: number;
  readonly prediction: number;
  /** Predicted minus true. */
  readonly error: number;
  readonly text: string;
  /** For the search. */
  readonly folded: string;
  /** Length of the text where it is cut here, else 0. */
  readonly cutFrom: number;
}

export interface Rows {
  readonly labelName: string;
  readonly total: number;
  readonly textLimit: number;
  readonly rows: readonly Row[];
}

/** Unpacks what the page carries: gzipped JSON in base64. */
export async function unpackRows(packed: string): Promise<Rows> {
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const data = JSON.parse(await new Response(stream).text()) as RowData;
  const rows = data.labels.map((label, place): Row => {
    const prediction = data.predictions[place] ?? Number.NaN;
    const text = data.texts[place] ?? '';
    return {
      number: data.numbers?.[place] ?? place + 1,
      label,
      prediction,
      error: prediction - label,
      text,
      folded: text.toLowerCase(),
      cutFrom: data.cut[place] ?? 0,
    };
  });
  return { labelName: data.labelName, total: data.total, textLimit: data.textLimit, rows };
}

export function formatScore(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2).replace('-', '−');
  return value.toFixed(size < 10 ? 4 : 2).replace('-', '−');
}

export function formatError(value: number): string {
  return `${value > 0 ? '+' : ''}${formatScore(value)}`;
}
