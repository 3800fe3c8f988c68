import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const TEXT =
  /(^|\/)([^.]+|\.[^/.]+|[^/]*\.(md|txt|json|jsonl|csv|tsv|py|ya?ml|toml|ini|cfg|sh|js|ts|html|svg|log|rst|ipynb|license))$/i;

/** Files that people or programs read as text; those of a CSV may be large. */
export function listTextFiles(files: readonly string[]): string[] {
  return files.filter((path) => TEXT.test(path));
}

/** A line longer than this is handed over in pieces of the same number: no text that people write has one. */
const MAX_LINE = 1024 * 1024;

/** Hands over a file line by line, counted from 1; stops when `take` returns false. */
export async function readLines(
  dir: string,
  path: string,
  take: (line: string, number: number) => boolean | undefined,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let number = 1;
  let rest = '';
  for await (const chunk of createReadStream(join(dir, path))) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (take(line.replace(/\r$/, ''), number) === false) return;
      number += 1;
    }
    if (rest.length > MAX_LINE) {
      if (take(rest, number) === false) return;
      rest = '';
    }
  }
  rest += decoder.end();
  if (rest !== '') take(rest, number);
}
