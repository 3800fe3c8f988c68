// Writes the JSON Schemas that ship with the package from the zod schemas in the code: `npm run generate`.
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../dist/config.js';
import { reportJsonSchema } from '../dist/verification.js';

for (const [file, schema] of [
  ['schema.json', configJsonSchema()],
  ['verification.schema.json', reportJsonSchema()],
]) {
  writeFileSync(new URL(`../${file}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
