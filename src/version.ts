import { readFileSync } from 'node:fs';

/** The version of this package, from its own package.json: one level up from `src` and from `dist` alike. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version;
