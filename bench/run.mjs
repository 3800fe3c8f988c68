// npm run bench [-- name [flags]]: runs one benchmark of this folder, `inference` unless another is named.
const [name = 'inference', ...flags] = process.argv
  .slice(2)
  .toSorted((a, b) => a.startsWith('-') - b.startsWith('-'));
const [script, rest] = name.startsWith('-') ? ['inference', [name, ...flags]] : [name, flags];
process.argv.splice(2, process.argv.length, ...rest);
await import(`./${script}.mjs`);
