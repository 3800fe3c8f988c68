import { gzipSync, strToU8 } from 'fflate';
import type { RowData } from './row-data.ts';

/** All rows of a test split. */
export interface ReportRows {
  readonly labelName: string;
  readonly labels: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
  /** The model's inputs. */
  readonly texts: readonly string[];
}

/** Of the packed rows in characters of base64: with the rest of the page that stays below a megabyte. */
const MOST_PACKED = 820_000;
/** What compresses to more than the above even at ten to one is not worth trying. */
const MOST_CHARACTERS = 6_000_000;
const TEXT_LIMITS: readonly number[] = [8000, 4000, 2000, 1000, 700, 500, 350, 250, 180, 120, 60, 0];

/** More rows are thinned out: the page draws and searches this many without a pause. */
export const MOST_ROWS = 30_000;
/** Of those, the rows with the largest errors that are always among them. */
const WORST_ROWS = 1_000;

/**
 * The rows as gzipped JSON in base64, which the page unpacks. Texts are cut to the largest of a few lengths at which the
 * whole fits its budget; of more than 30,000 rows the worst 1,000 and an even choice of the others are kept. The page
 * says both. The same rows give the same text on every machine.
 */
export function packRows(rows: ReportRows): string {
  const chosen = chooseRows(rows);
  let packed = '';
  let most = MOST_CHARACTERS;
  for (const limit of TEXT_LIMITS) {
    const texts = chosen.map((row) => cutText(rows.texts[row] ?? '', limit));
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (limit > 0 && characters > most) continue;
    packed = pack(describeRows(rows, chosen, texts, limit));
    if (packed.length <= MOST_PACKED) return packed;
    // Shorter texts compress much alike: what would be far too long again is not tried.
    most = (characters * MOST_PACKED * 1.2) / packed.length;
  }
  return packed;
}

function describeRows(
  rows: ReportRows,
  chosen: readonly number[],
  texts: readonly string[],
  textLimit: number,
): RowData {
  const cut = chosen.flatMap((row, place) => {
    const length = rows.texts[row]?.length ?? 0;
    return length > (texts[place]?.length ?? 0) ? [[place, length] as const] : [];
  });
  return {
    labelName: rows.labelName,
    total: rows.labels.length,
    ...(chosen.length < rows.labels.length ? { numbers: chosen.map((row) => row + 1) } : {}),
    labels: chosen.map((row) => roundForPage(rows.labels[row])),
    predictions: chosen.map((row) => roundForPage(rows.predictions[row])),
    texts: textLimit === 0 ? [] : texts,
    cut: Object.fromEntries(cut),
    textLimit,
  };
}

/** Places of the rows to show, ascending. */
function chooseRows({ labels, predictions }: ReportRows): number[] {
  const all = Array.from(labels, (_, row) => row);
  if (all.length <= MOST_ROWS) return all;
  const errorOf = (row: number) => Math.abs((predictions[row] ?? 0) - (labels[row] ?? 0));
  const ranked = all.toSorted((a, b) => errorOf(b) - errorOf(a) || a - b);
  const others = ranked.slice(WORST_ROWS).sort((a, b) => a - b);
  const step = others.length / (MOST_ROWS - WORST_ROWS);
  const even = Array.from({ length: MOST_ROWS - WORST_ROWS }, (_, i) => others[Math.floor(i * step)] ?? 0);
  return [...ranked.slice(0, WORST_ROWS), ...even].sort((a, b) => a - b);
}

/** Six digits are more than a screen shows, and half as many bytes as a double. */
function roundForPage(value: number | undefined): number {
  return Number((value ?? Number.NaN).toPrecision(6));
}

/** Never between the halves of a character outside the basic plane. */
function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return text.slice(0, Math.max(0, end));
}

function pack(data: RowData): string {
  // Without a date, and by a library in JavaScript: Node's zlib writes other bytes on other processors.
  const bytes = gzipSync(strToU8(JSON.stringify(data)), { level: 6, mtime: 0 });
  return Buffer.from(bytes).toString('base64');
}
