// Writes the three-letter language codes that a card may name, from the package iso-639-3: `npm run generate`. The
// package itself, with all names and kinds, would take a tenth of a second at every start.
import { writeFileSync } from 'node:fs';
import { iso6393 } from 'iso-639-3';

const PER_LINE = 28;
const codes = [
  ...new Set(iso6393.flatMap((row) => [row.iso6393, row.iso6392B, row.iso6392T]).filter((code) => code)),
].sort();
const lines = [];
for (let at = 0; at < codes.length; at += PER_LINE) lines.push(codes.slice(at, at + PER_LINE).join(' '));
const text = `// Written by scripts/write-languages.mjs from the package iso-639-3. Do not edit.

/** ISO 639-3, and the codes of ISO 639-2 that differ from it, separated by white space. */
export const THREE_LETTER_CODES = \`
${lines.join('\n')}\`;
`;
writeFileSync(new URL('../src/formats/generated/languages.ts', import.meta.url), text);
