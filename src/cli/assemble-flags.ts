import type { CacheFlags, GlobalFlags } from './terminal.ts';

/** Flags of the commands that assemble, apart from what assembles. */
export interface AssembleFlags extends GlobalFlags, CacheFlags {
  readonly out?: string;
  readonly repo?: string;
  readonly onnx?: string;
}

export const OWN_ONNX = [
  '--onnx <file>',
  'your own ONNX file, for a model that cannot be exported here (default: onnx.file in hubwright.json)',
] as const;
