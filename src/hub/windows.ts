/** How much of a window is used up, this time included, and the seconds until it ends. */
export interface Window {
  readonly used: number;
  readonly endsIn: number;
}

/** Windows that are kept in mind; beyond that, those that are over are forgotten. */
const KEPT_WINDOWS = 1000;

/**
 * Counts in fixed windows, one for each key, that begin with the first time that it is counted.
 *
 * @param now seconds of a clock that never goes back
 */
export function createWindows(
  windowSeconds: number,
  now: () => number = () => performance.now() / 1000,
): (key: string) => Window {
  const windows = new Map<string, { readonly ends: number; used: number }>();

  function findWindow(key: string, time: number): { readonly ends: number; used: number } {
    const running = windows.get(key);
    if (running !== undefined && running.ends > time) return running;
    if (windows.size >= KEPT_WINDOWS) {
      for (const [one, { ends }] of windows) if (ends <= time) windows.delete(one);
    }
    const window = { ends: time + windowSeconds, used: 0 };
    windows.set(key, window);
    return window;
  }

  return (key) => {
    const time = now();
    const window = findWindow(key, time);
    window.used += 1;
    return { used: window.used, endsIn: window.ends - time };
  };
}
