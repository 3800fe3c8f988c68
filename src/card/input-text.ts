import { isPythonName, quoteJavaScript, quotePython } from '../formats/source-text.ts';
import { listTemplateColumns, splitTemplate } from '../inference/template.ts';
import type { Example } from './examples.ts';

/** Names that the card's snippets use themselves, and words of either language that no variable may have. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    'arguments await case catch const debugger default delete do enum eval export extends false folder function ' +
    'implements inputs interface let logits model new null np ort output package private protected public repo ' +
    'revision score scores session static super switch text texts this throw tokenizer torch true typeof var void'
  ).split(' '),
);

/**
 * Python lines that set `text` to an example's input: each column in a variable of its own where the columns can be
 * variables, otherwise one literal.
 */
export function writePythonText(template: string, example: Example): string[] {
  const columns = listVariables(template);
  if (columns === undefined) return [`text = ${quotePython(example.text)}`];
  const pattern = mapTemplate(template, (literal) =>
    quotePython(literal).slice(1, -1).replaceAll('{', '{{').replaceAll('}', '}}'),
  );
  return [
    ...columns.map((column) => `${column} = ${quotePython(example.cells[column] ?? '')}`),
    `text = f"${pattern((column) => `{${column}}`)}"`,
  ];
}

/** The same in JavaScript. */
export function writeJavaScriptText(template: string, example: Example): string[] {
  const columns = listVariables(template);
  if (columns === undefined) return [`const text = ${quoteJavaScript(example.text)};`];
  const pattern = mapTemplate(template, (literal) =>
    quoteJavaScript(literal).slice(1, -1).replaceAll('`', '\\`').replaceAll('${', '\\${'),
  );
  return [
    ...columns.map((column) => `const ${column} = ${quoteJavaScript(example.cells[column] ?? '')};`),
    `const text = \`${pattern((column) => `\${${column}}`)}\`;`,
  ];
}

/** The template's columns, if they read better as variables than as one literal. */
function listVariables(template: string): string[] | undefined {
  const columns = listTemplateColumns(template);
  const usable = columns.every((column) => isPythonName(column) && !TAKEN.has(column));
  return usable && columns.length > 0 ? columns : undefined;
}

function mapTemplate(
  template: string,
  writeLiteral: (literal: string) => string,
): (writeColumn: (column: string) => string) => string {
  const parts = splitTemplate(template);
  return (writeColumn) =>
    parts.map((part, i) => (i % 2 === 0 ? writeLiteral(part) : writeColumn(part))).join('');
}

/** An example's whole input as one Python literal. */
export function writeTextLiteral({ text }: Example): string {
  return quotePython(text);
}
