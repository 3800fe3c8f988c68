import { find, make } from '../dom.ts';
import { formatError, formatScore, type Row } from './rows.ts';

const host = () => find('#detail', HTMLElement);
let help: Node | undefined;

/** One row in full beside the plot, or the help where there is none. */
export function showDetail(row: Row | undefined, kept: boolean): void {
  const detail = host();
  help ??= detail.firstElementChild ?? undefined;
  detail.classList.toggle('kept', kept && row !== undefined);
  if (row === undefined) {
    if (help !== undefined) detail.replaceChildren(help);
    return;
  }
  const list = make('dl', '', 'numbers');
  for (const [name, value] of [
    ['true', formatScore(row.label)],
    ['predicted', formatScore(row.prediction)],
    ['error', formatError(row.error)],
  ] as const) {
    const pair = make('div');
    pair.append(make('dt', name), make('dd', value));
    list.append(pair);
  }
  const shown: HTMLElement[] = [make('h3', `Row ${row.number}`), list];
  if (row.text !== '') shown.push(make('pre', row.text));
  if (row.cutFrom > 0) {
    const text = `cut here; the whole input has ${row.cutFrom} characters, in row ${row.number} of the test split`;
    shown.push(make('p', text, 'empty'));
  }
  detail.replaceChildren(...shown);
}
