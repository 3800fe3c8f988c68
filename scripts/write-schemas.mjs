// Writes what is made from the code: the JSON Schemas that ship with the package, and docs/rules.md: `npm run generate`.
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../dist/config.js';
import { reportJsonSchema } from '../dist/verification.js';
import { formatCatalogue } from '../dist/verify/catalogue.js';

const format = (schema) => `${JSON.stringify(schema, null, 2)}\n`;

for (const [file, text] of [
  ['schema.json', format(configJsonSchema())],
  ['verification.schema.json', format(reportJsonSchema())],
  ['docs/rules.md', formatCatalogue()],
]) {
  writeFileSync(new URL(`../${file}`, import.meta.url), text);
}
