/** What @huggingface/hub hands to `fetch` beside the standard options, so that somebody can tell of progress. */
interface ProgressHint {
  /** Parts of the file; absent when it goes in one piece. */
  readonly numParts?: number;
  /** Takes the share of the whole file that has arrived, 0 to 1. One function a file. */
  readonly progressCallback: (share: number) => void;
}

/** Tells the library of each part of a large file that has arrived; by itself it speaks only at the file's end. */
export function tellParts(send: typeof fetch): typeof fetch {
  const arrived = new Map<ProgressHint['progressCallback'], number>();
  return async (input, init) => {
    const response = await send(input, init);
    const hint = (init as { progressHint?: ProgressHint } | undefined)?.progressHint;
    if (response.ok && hint?.numParts !== undefined) {
      const parts = (arrived.get(hint.progressCallback) ?? 0) + 1;
      arrived.set(hint.progressCallback, parts);
      hint.progressCallback(parts / hint.numParts);
    }
    return response;
  };
}
