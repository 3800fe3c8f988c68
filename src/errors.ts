/** Exit codes of the command line: one a class of outcome, stable across releases. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  remote: 3,
  /** No check failed, and yet nothing was proven: what had to be checked was skipped. */
  unproven: 4,
  internal: 70,
  interrupted: 130,
} as const;

/** Every way a command can fail to do its job, with the exit code that says so. */
export const ERRORS = {
  /** Flags or arguments that make no sense. */
  USAGE: EXIT.usage,
  /** `hubwright.json` is missing something, or holds something unknown. */
  CONFIG: EXIT.usage,
  /** A file or folder that the command needs is not there or cannot be read. */
  INPUT_MISSING: EXIT.usage,
  /** A file is there and is not what its name says: truncated, hostile, wrong shape. */
  INPUT_INVALID: EXIT.usage,
  /** The model's architecture is not one that can be exported. */
  UNSUPPORTED: EXIT.usage,
  /** Somebody's files stand where output should go, or the folder cannot be written. */
  OUTPUT: EXIT.usage,
  /** The bundle's files are not those of its lock, or no passing report belongs to it. */
  NOT_VERIFIED: EXIT.findings,
  /** ONNX Runtime refused the graph or failed while running it. */
  INFERENCE: EXIT.findings,
  /** The Hub, or a proxy before it, said no: permission, validation, conflict. */
  HUB_REFUSED: EXIT.remote,
  /** Somebody else's commit came between. */
  HUB_CONFLICT: EXIT.remote,
  /** The Hub could not be reached, or answered nonsense. */
  HUB_UNREACHABLE: EXIT.remote,
  /** What the Hub stored is not what was sent. */
  HUB_MISMATCH: EXIT.remote,
  /** The caller's AbortSignal fired. */
  ABORTED: EXIT.interrupted,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The command could not do its job. What is wrong with the user's *model* is a Finding, never this.
 * `message` says what, where and what was expected; `hint` is the next thing to type.
 */
export class HubwrightError extends Error {
  override readonly name = 'HubwrightError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): number {
    return ERRORS[this.code];
  }
}
