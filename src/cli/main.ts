#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, HubwrightError } from '../errors.ts';
import { showText } from '../formats/shown-text.ts';
import { VERSION } from '../version.ts';
import { addCommands } from './commands/index.ts';

const program = new Command('hubwright')
  .description('Assembles, verifies and publishes Hugging Face model repositories.')
  .version(VERSION)
  .option('--config <file>', 'the config file (default: hubwright.json in the run folder)')
  .option('--json', 'print one JSON document on stdout instead of text')
  .option('-q, --quiet', 'print errors only; the exit code tells')
  .option('--debug', 'show where an error came from')
  .option('--no-color', 'print without colours')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(hubwright --help lists the commands and flags)')
  .addHelpText(
    'after',
    `
Examples:
  $ hubwright publish --repo me/my-reward-model       assemble, verify and publish the run in this folder
  $ hubwright assemble runs/42 --out bundle           only make the repository's folder
  $ hubwright verify bundle                           run the model again and compare with its metrics
  $ hubwright hub --data /tmp/hub                     a local Hub to try a publish on

Exit codes: 0 ok or nothing to do, 1 a check failed, 2 usage, config or missing input,
3 the Hub or the network refused, 4 no check failed but nothing was proven,
70 a bug in Hubwright, 130 Ctrl-C.`,
  );

// Colours are decided by styleText and ora from the environment; the flag says it in the same words.
if (process.argv.includes('--no-color')) process.env.NO_COLOR = '1';
// A reader that closes the pipe early, such as `| head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await addCommands(program, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--debug'));
}

/** Prints an error as people need it and returns the exit code that says what kind it was. */
function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof HubwrightError) {
    console.error(
      `✖ ${showLines(error.message)}${error.hint === undefined ? '' : `\n  hint: ${showLines(error.hint)}`}`,
    );
    if (debug) console.error(error.code, error.stack, error.cause);
    return error.exitCode;
  }
  console.error(error, '\nThis is a bug in hubwright. Please report it with the lines above.');
  return EXIT.internal;
}

/** Errors quote names of files and tensors that somebody else chose; those of schemas take several lines. */
function showLines(text: string): string {
  return text.split('\n').map(showText).join('\n');
}
