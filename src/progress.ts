/** The three verbs of the tool, and the slower steps inside them, in the words the CLI and the docs use. */
export type Stage =
  | 'assemble'
  | 'export'
  | 'verify'
  | 'sign'
  | 'attest'
  | 'plan'
  | 'upload'
  | 'read-back'
  | 'download'
  | 'score'
  | 'python';

/** What a stage tells while it works. The library emits; only `cli/` prints. */
export type ProgressEvent =
  | { readonly kind: 'start'; readonly stage: Stage; readonly message: string }
  | {
      readonly kind: 'advance';
      readonly stage: Stage;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      /** Where inference runs: how fast, and seconds until it is done at that rate. */
      readonly tokensPerSecond?: number;
      readonly secondsLeft?: number;
    }
  | { readonly kind: 'done'; readonly stage: Stage; readonly message: string }
  | { readonly kind: 'note'; readonly message: string };

export type OnProgress = (event: ProgressEvent) => void;

/** Options that every stage takes. */
export interface StageOptions {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}
