import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Damage = (dir: string) => void | Promise<void>;

/** What is done to a bundle that is then locked again, and the rules that must speak of it. */
export interface Mutation {
  readonly name: string;
  readonly caughtBy: readonly string[];
  readonly damage: Damage;
}

export const mutation = (name: string, caughtBy: readonly string[], damage: Damage): Mutation => ({
  name,
  caughtBy,
  damage,
});

/** Cuts a file to so many bytes, or to a share of them. */
export const truncate =
  (file: string, to: number): Damage =>
  (dir) => {
    const path = join(dir, file);
    const size = readFileSync(path).length;
    truncateSync(path, to < 1 ? Math.floor(size * to) : to < 0 ? size + to : to);
  };

/** Writes a file, whole. */
export const write =
  (file: string, content: string | Buffer): Damage =>
  (dir) =>
    writeFileSync(join(dir, file), content);

/** Changes single bytes of a file. */
export const patch =
  (file: string, edit: (bytes: Buffer) => void): Damage =>
  (dir) => {
    const path = join(dir, file);
    const bytes = readFileSync(path);
    edit(bytes);
    writeFileSync(path, bytes);
  };

/** Adds one to the last of the digits that a pattern's second group holds; its first group stands before them. */
export function bump(text: string, pattern: RegExp): string {
  return text.replace(pattern, (_, before: string, digit: string) => `${before}${(Number(digit) + 1) % 10}`);
}
