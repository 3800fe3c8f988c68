// npm run bench [-- name [flags]]: runs one benchmark of this folder, `inference` unless another is named first, and
// writes the tables of README.md from its result.
import { readdirSync } from 'node:fs';

const [first = '', ...others] = process.argv.slice(2);
const [name, flags] =
  first === '' || first.startsWith('-') ? ['inference', process.argv.slice(2)] : [first, others];
const HELPERS = ['run.mjs', 'shared.mjs', 'tables.mjs', 'contender.mjs'];
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && !HELPERS.includes(file))
  .map((file) => file.slice(0, -'.mjs'.length));
if (names.includes(name)) {
  process.argv.splice(2, process.argv.length, ...flags);
  await import(`./${name}.mjs`);
} else {
  console.error(`no benchmark is called ${name}; there are ${names.join(', ')}`);
  process.exitCode = 2;
}
