import { styleText } from 'node:util';
import ora, { type Ora } from 'ora';
import { showText } from '../formats/shown-text.ts';
import type { OnProgress, ProgressEvent } from '../progress.ts';
import { COLUMNS } from '../report/lines.ts';
import type { Paint } from '../report/pretty.ts';
import { runsOnGitHub } from './github.ts';

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** A flag of the commands that run the model. */
export interface CacheFlags {
  /** False with --no-cache. */
  readonly cache?: boolean;
}

export const NO_CACHE = ['--no-cache', 'compute every score, and keep none for the next time'] as const;

/** Colours as the stream, NO_COLOR and FORCE_COLOR want them. */
export function painter(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

/** A terminal's columns, within what reads well and what a table needs; the usual number where there is no terminal. */
export function chooseColumns({ isTTY, columns }: NodeJS.WriteStream): number {
  return isTTY && columns > 0 ? Math.min(Math.max(columns, 60), 120) : COLUMNS;
}

export interface Progress {
  readonly onProgress: OnProgress;
  /** Stops what moves, before anything else is printed. */
  stop(): void;
}

/** A log line between two of them this long apart says that work goes on. */
const PLAIN_INTERVAL_MS = 10_000;

/** Shows progress on stderr: a spinner where the terminal can show one, plain lines elsewhere, nothing with --quiet. */
export function showProgress(flags: GlobalFlags): Progress {
  if (flags.quiet === true) return { onProgress: () => {}, stop: () => {} };
  return canAnimate(flags) ? animate() : printLines();
}

/**
 * Off a terminal ora still writes colours, and on one that reports no columns it redraws forever.
 */
function canAnimate(flags: GlobalFlags): boolean {
  const { stderr, env } = process;
  return (
    stderr.isTTY === true &&
    stderr.columns > 0 &&
    !('CI' in env) &&
    env.TERM !== 'dumb' &&
    flags.json !== true
  );
}

function animate(): Progress {
  const spinner: Ora = ora({ stream: process.stderr });
  return {
    onProgress(event) {
      if (event.kind === 'start') spinner.start(showText(event.message));
      else if (event.kind === 'advance') spinner.text = describeAdvance(event);
      else if (event.kind === 'done') spinner.succeed(showText(`${event.stage}: ${event.message}`));
      else {
        const running = spinner.isSpinning ? spinner.text : undefined;
        spinner.stopAndPersist({ symbol: ' ', text: showText(event.message) });
        if (running !== undefined) spinner.start(running);
      }
    },
    stop: () => {
      spinner.stop();
    },
  };
}

/** One plain line a step; on GitHub Actions each stage is a group that folds. */
function printLines(): Progress {
  const folds = runsOnGitHub(process.env);
  let open = false;
  let last = Date.now();
  const close = () => {
    if (open) process.stderr.write('::endgroup::\n');
    open = false;
  };
  const print = (line: string) => {
    last = Date.now();
    process.stderr.write(`${showText(line)}\n`);
  };
  return {
    onProgress(event) {
      if (event.kind === 'start') {
        close();
        print(folds ? `::group::${event.message}` : event.message);
        open = folds;
      } else if (event.kind === 'done') {
        print(`${event.stage}: ${event.message}`);
        close();
      } else if (event.kind === 'note') print(`  ${event.message}`);
      else if (Date.now() - last > PLAIN_INTERVAL_MS) print(`  ${describeAdvance(event)}`);
    },
    stop: close,
  };
}

type Advance = Extract<ProgressEvent, { kind: 'advance' }>;

function describeAdvance({ stage, done, total, unit, tokensPerSecond, secondsLeft }: Advance): string {
  const speed = tokensPerSecond === undefined ? '' : `, ${Math.round(tokensPerSecond)} tokens/s`;
  const rest = secondsLeft === undefined || done === total ? '' : `, ${formatDuration(secondsLeft)} left`;
  return `${stage}: ${done} of ${total} ${unit}${speed}${rest}`;
}

function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
