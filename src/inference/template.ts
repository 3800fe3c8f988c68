import { HubwrightError } from '../errors.ts';
import type { CsvTable } from '../formats/csv.ts';

const PLACEHOLDER = /\{\{\s*([^{}]*[^{}\s])\s*\}\}/;

/** Places for columns in one template; a row has some few. */
const MAX_PLACES = 100;

/** A template in parts: literal, column, literal, column … literal. Odd places are names of columns. */
export function splitTemplate(template: string): string[] {
  return template.split(PLACEHOLDER);
}

/** The columns that an input template names, each once, in order. */
export function listTemplateColumns(template: string): string[] {
  return [...new Set(splitTemplate(template).filter((_, i) => i % 2 === 1))];
}

/** Puts a row's cells into the template. Cells are inserted as they are: nothing in them is a placeholder. */
export function fillTemplate(template: string, cells: Readonly<Record<string, string>>): string {
  return splitTemplate(template)
    .map((part, i) => (i % 2 === 0 ? part : (cells[part] ?? '')))
    .join('');
}

/**
 * Checks that a table has every column that the template names.
 *
 * @throws HubwrightError INPUT_INVALID naming the file and its columns.
 */
export function checkTemplateColumns(template: string, table: Pick<CsvTable, 'columns'>, file: string): void {
  const columns = listTemplateColumns(template);
  if (columns.length === 0) {
    throw new HubwrightError('CONFIG', `input.template names no column: ${JSON.stringify(template)}`, {
      hint: 'write the columns in double braces: "SQL: {{sql}}"',
    });
  }
  const places = (splitTemplate(template).length - 1) / 2;
  if (places > MAX_PLACES) {
    throw new HubwrightError(
      'CONFIG',
      `input.template names columns ${places} times; at most ${MAX_PLACES}`,
      {
        hint: 'write it as training put a row together',
      },
    );
  }
  const missing = columns.filter((column) => !table.columns.includes(column));
  if (missing.length > 0) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${file} has no column ${missing.join(', ')}, which input.template names; its columns: ${table.columns.join(', ')}`,
      { hint: 'set input.template in hubwright.json to columns that the file has' },
    );
  }
}
