import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the tables of bench/README.md are those of its results', async () => {
  const bench = join(import.meta.dirname, '../bench');
  const { renderTables } = await import(join(bench, 'tables.mjs'));
  const readme = readFileSync(join(bench, 'README.md'), 'utf8');
  expect(renderTables(readme)).toBe(readme);
  expect(readme).toContain('| Hubwright |');
  // Each has a result.
  expect(readme).not.toMatch(/<!-- table \S+ -->\n<!-- end/);
});
