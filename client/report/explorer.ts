import { find, onceAFrame } from '../dom.ts';
import { RowList } from './list.ts';
import { Plot, type View } from './plot.ts';
import { Pointing } from './pointing.ts';
import { type Row, type Rows, unpackRows } from './rows.ts';

/** Fills the part about rows, if the page carries any. Returns what to do when the theme changes. */
export async function startExplorer(): Promise<() => void> {
  const packed = document.querySelector('#row-data')?.textContent;
  if (packed === undefined || packed === null) return () => {};
  const data = await unpackRows(packed);
  find('#rows', HTMLElement).hidden = false;
  find('#rows-note', HTMLElement).textContent = describeRows(data);
  const plot = new Plot(data);
  const pointing = new Pointing(plot);
  const list = new RowList((row) => {
    pointing.keep(row);
    find('#detail', HTMLElement).scrollIntoView({ block: 'nearest' });
  });
  const form = find('#row-filter', HTMLFormElement);
  const update = onceAFrame(() => {
    const values = new FormData(form);
    const rows = filterRows(data.rows, String(values.get('query') ?? ''), Number(values.get('least') || 0));
    find('#row-count', HTMLOutputElement).textContent =
      `${count(rows.length)} of ${count(data.rows.length)} rows`;
    plot.show(new Set(rows), values.get('view') as View);
    list.show(rows);
  });
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
  update();
  return () => plot.refreshColours();
}

function filterRows(rows: readonly Row[], query: string, least: number): readonly Row[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    ({ folded, error, number }) =>
      Math.abs(error) >= least &&
      words.every((word) => folded.includes(word) || (word.startsWith('#') && word === `#${number}`)),
  );
}

function describeRows({ rows, total, textLimit }: Rows): string {
  const thinned =
    rows.length < total
      ? `${count(rows.length)} of ${count(total)} rows: those with the largest errors, and an even choice of the others. `
      : '';
  const text = textLimit === 0 ? 'Inputs are left out, to keep this page small. ' : '';
  return `${thinned}${text}Predictions are those of test_predictions.csv, which the checks above compare with the model's own.`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
