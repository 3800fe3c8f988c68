import { quotePython } from '../formats/source-text.ts';
import { splitTemplate } from '../inference/template.ts';

/** A Python expression that fills the template from a mapping called `row`, for any column names. */
export function formatRowExpression(template: string): string {
  const parts = splitTemplate(template);
  if (parts.length === 1) return quotePython(template);
  const columns = parts.filter((_, i) => i % 2 === 1);
  const pieces = parts.filter((_, i) => i % 2 === 0);
  const pattern = pieces.map((piece) => piece.replaceAll('{', '{{').replaceAll('}', '}}')).join('{}');
  const cells = columns.map((column) => `row[${quotePython(column)}]`);
  return `${quotePython(pattern)}.format(${cells.join(', ')})`;
}
