import stringWidth from 'string-width';

/** Lays cells out in columns, two spaces apart; columns listed in `right` are aligned to the right. */
export function formatTable(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => measureColumn(rows, column));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
        return right.has(column) ? pad + cell : cell + pad;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Terminal columns that the widest cell of a column takes. */
export function measureColumn(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? '')));
}
