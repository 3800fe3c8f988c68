import { homedir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_FILE, type Config, loadConfig } from '../config.ts';
import { EXIT } from '../errors.ts';
import type { OnProgress } from '../progress.ts';
import type { Paint } from '../report/pretty.ts';
import { findCacheDir } from './cache-dir.ts';
import { type CacheFlags, chooseColumns, type GlobalFlags, painter, showProgress } from './terminal.ts';

/** What a command is given besides its own flags and arguments. */
export interface Context {
  readonly flags: GlobalFlags;
  readonly onProgress: OnProgress;
  /** Fires on Ctrl-C. A second one ends the process at once. */
  readonly signal: AbortSignal;
  /** Colours for what goes to stdout. */
  readonly paint: Paint;
  /** Columns that text on stdout may take. */
  readonly columns: number;
  /** Where scores are kept between runs; undefined with --no-cache. */
  readonly cacheDir: string | undefined;
  /** Stops what moves on the terminal, before something else is printed or asked. */
  pause(): void;
  /** Prints the result: `text` for people, `document` with --json. Called once, at the end. */
  finish(text: string, document: object): void;
}

export function createContext(command: string, flags: GlobalFlags & CacheFlags): Context {
  const progress = showProgress(flags);
  const controller = new AbortController();
  // A handler that went after the first Ctrl-C would leave the spinner's alone, which then ends the process unheard.
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
  return {
    flags,
    onProgress: progress.onProgress,
    signal: controller.signal,
    paint: painter(process.stdout),
    columns: chooseColumns(process.stdout),
    cacheDir: flags.cache === false ? undefined : findCacheDir(process.env, process.platform, homedir()),
    pause: () => progress.stop(),
    finish(text, document) {
      progress.stop();
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify({ schema: 1, command, ...document }, null, 2)}\n`);
      } else if (flags.quiet !== true && text !== '') {
        process.stdout.write(`${text}\n`);
      }
    },
  };
}

/** The config of a run folder: the one named by --config, or the one in the folder. */
export function loadRunConfig(runDir: string, flags: GlobalFlags): Promise<Config> {
  return loadConfig(flags.config ?? join(runDir, CONFIG_FILE));
}
