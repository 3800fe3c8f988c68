import { quotePython } from '../formats/source-text.ts';

const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** A Python expression that fills the template from a mapping called `row`, for any column names. */
export function formatRowExpression(template: string): string {
  const columns = Array.from(template.matchAll(PLACEHOLDER), ([, column]) => column ?? '');
  if (columns.length === 0) return quotePython(template);
  const pieces = template.split(PLACEHOLDER).filter((_, index) => index % 2 === 0);
  const pattern = pieces.map((piece) => piece.replaceAll('{', '{{').replaceAll('}', '}}')).join('{}');
  const cells = columns.map((column) => `row[${quotePython(column)}]`);
  return `${quotePython(pattern)}.format(${cells.join(', ')})`;
}
