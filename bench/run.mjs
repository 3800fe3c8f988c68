// npm run bench [-- name [flags]]: runs one benchmark of this folder, `inference` unless another is named, and writes the
// tables of README.md from its result.
import { readdirSync } from 'node:fs';

const [name = 'inference', ...flags] = process.argv
  .slice(2)
  .toSorted((a, b) => a.startsWith('-') - b.startsWith('-'));
const [script, rest] = name.startsWith('-') ? ['inference', [name, ...flags]] : [name, flags];
const HELPERS = ['run.mjs', 'shared.mjs', 'tables.mjs', 'contender.mjs'];
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && !HELPERS.includes(file))
  .map((file) => file.slice(0, -'.mjs'.length));
if (!names.includes(script)) {
  console.error(`no benchmark is called ${script}; there are ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  process.argv.splice(2, process.argv.length, ...rest);
  await import(`./${script}.mjs`);
}
