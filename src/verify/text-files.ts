import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const TEXT =
  /(^|\/)([^.]+|\.[^/.]+|[^/]*\.(md|txt|json|jsonl|csv|tsv|py|ya?ml|toml|ini|cfg|sh|js|ts|html|svg|log|rst|ipynb|license))$/i;

/** Files that people or programs read as text; those of a CSV may be large. */
export function listTextFiles(files: readonly string[]): string[] {
  return files.filter((path) => TEXT.test(path));
}

/** Hands over a file line by line, counted from 1; stops when `take` returns false. */
export async function readLines(
  dir: string,
  path: string,
  take: (line: string, number: number) => boolean | undefined,
): Promise<void> {
  const stream = createReadStream(join(dir, path), 'utf8');
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (take(line, number) === false) break;
  }
  stream.destroy();
}
