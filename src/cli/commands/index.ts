import type { Command } from 'commander';

type AddCommand = (program: Command) => void;

/** Every command, in the order of the help, each in a module of its own that is loaded when it is needed. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  init: async () => (await import('./init.ts')).addInit,
  assemble: async () => (await import('./assemble.ts')).addAssemble,
  export: async () => (await import('./export.ts')).addExport,
  card: async () => (await import('./card.ts')).addCard,
  plot: async () => (await import('./plot.ts')).addPlot,
  verify: async () => (await import('./verify.ts')).addVerify,
  report: async () => (await import('./report.ts')).addReport,
  rules: async () => (await import('./rules.ts')).addRules,
  sign: async () => (await import('./sign.ts')).addSign,
  attest: async () => (await import('./attest.ts')).addAttest,
  publish: async () => (await import('./publish.ts')).addPublish,
  score: async () => (await import('./score.ts')).addScore,
  preview: async () => (await import('./preview.ts')).addPreview,
  hub: async () => (await import('./hub.ts')).addHub,
};

/**
 * Adds the commands that the command line may be about: those that it names, or all where it names none, as for the
 * help and for a slip of the hand. Loading the others would cost every start some tenths of a second.
 */
export async function addCommands(program: Command, words: readonly string[]): Promise<void> {
  const named = Object.keys(COMMANDS).filter((name) => words.includes(name));
  const names = named.length > 0 ? named : Object.keys(COMMANDS);
  const adders = await Promise.all(names.map((name) => COMMANDS[name]?.()));
  for (const add of adders) add?.(program);
}
