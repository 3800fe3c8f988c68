import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.ts';

/** A name that a repository can have. */
export interface Name {
  readonly namespace: string;
  readonly name: string;
}

/** Where the repositories went that were renamed: a small file for each name that was given up. */
export interface Forwarding {
  remember(from: Name, to: Name): Promise<void>;
  /** A name that is taken again leads nowhere else. */
  forget(name: Name): Promise<void>;
  /** The names that followed, each the successor of the one before. A name has at most `MOST_MOVES` of them. */
  follow(name: Name): AsyncIterable<Name>;
}

const MOST_MOVES = 20;

export function openForwarding(folder: string, temporaryFolder: string): Forwarding {
  const pathOf = ({ namespace, name }: Name) =>
    join(folder, namespace.toLowerCase(), `${name.toLowerCase()}.json`);
  return {
    remember: (from, { namespace, name }) =>
      writeDurably(pathOf(from), Buffer.from(JSON.stringify({ namespace, name })), temporaryFolder),
    forget: (name) => rm(pathOf(name), { force: true }),
    async *follow(name) {
      let at = name;
      for (let moves = 0; moves < MOST_MOVES; moves += 1) {
        const text = await readFile(pathOf(at), 'utf8').catch(() => undefined);
        if (text === undefined) return;
        at = JSON.parse(text) as Name;
        yield at;
      }
    },
  };
}
