/** One step of a compiled pattern: it takes one character, with `repeats` any number, with `skips` none. */
interface Step {
  readonly repeats: boolean;
  takes(character: string): boolean;
  /** Goes on with the next step or this many further: a double star and its slash stand for no folder too. */
  readonly skips?: number;
}

const POSIX_CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

const NOT_SLASH = (character: string) => character !== '/';

/**
 * Compiles a git wildmatch pattern: `*` and `?` stop at slashes, a double star as a whole part does not,
 * `[a-z]`, `[!a]`, `[[:space:]]`, `\` quotes. Patterns come from repositories, so matching follows all
 * readings at once (steps × characters) instead of backtracking, which a crafted pattern could make endless.
 */
export function compileWildmatch(pattern: string): (text: string) => boolean {
  const steps = compileSteps(pattern);
  return (text) => matchSteps(steps, text);
}

function compileSteps(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; ) {
    const [stars] = /^\*+/.exec(pattern.slice(at)) ?? [];
    const character = pattern[at] ?? '';
    if (stars !== undefined) {
      const after = pattern[at + stars.length];
      const isWholePart = (at === 0 || pattern[at - 1] === '/') && (after === undefined || after === '/');
      const crosses = stars.length >= 2 && isWholePart;
      if (crosses && after === '/') steps.push({ repeats: false, takes: () => false, skips: 3 });
      steps.push({ repeats: true, takes: crosses ? () => true : NOT_SLASH });
      at += stars.length;
    } else if (character === '?') {
      steps.push({ repeats: false, takes: NOT_SLASH });
      at += 1;
    } else if (character === '[') {
      const { takes, end } = compileSet(pattern, at);
      steps.push({ repeats: false, takes });
      at = end;
    } else {
      const [literal] = character === '\\' ? pattern.slice(at + 1) : pattern.slice(at);
      steps.push({ repeats: false, takes: (given) => given === literal });
      at += (character === '\\' ? 1 : 0) + (literal?.length ?? 1);
    }
  }
  return steps;
}

function compileSet(pattern: string, start: number): { takes: Step['takes']; end: number } {
  let at = start + 1;
  const negated = pattern[at] === '!' || pattern[at] === '^';
  if (negated) at += 1;
  const tests: ((character: string) => boolean)[] = [];
  for (const first = at; at < pattern.length && (pattern[at] !== ']' || at === first); ) {
    const [whole, name] = /^\[:([a-z]+):\]/.exec(pattern.slice(at)) ?? [];
    if (whole !== undefined && name !== undefined) {
      tests.push((character) => POSIX_CLASSES[name]?.test(character) ?? false);
      at += whole.length;
      continue;
    }
    if (pattern[at] === '\\') at += 1;
    const low = pattern[at] ?? '';
    const isRange = pattern[at + 1] === '-' && pattern[at + 2] !== undefined && pattern[at + 2] !== ']';
    const high = isRange ? (pattern[at + 2] ?? low) : low;
    tests.push((character) => character >= low && character <= high);
    at += isRange ? 3 : 1;
  }
  return {
    takes: (character) => NOT_SLASH(character) && tests.some((test) => test(character)) !== negated,
    end: at + 1,
  };
}

function matchSteps(steps: readonly Step[], text: string): boolean {
  let states = new Set<number>();
  enterState(steps, 0, states);
  for (const character of text) {
    const next = new Set<number>();
    for (const at of states) {
      const step = steps[at];
      if (step?.takes(character)) enterState(steps, step.repeats ? at : at + 1, next);
    }
    states = next;
  }
  return states.has(steps.length);
}

function enterState(steps: readonly Step[], at: number, states: Set<number>): void {
  if (states.has(at)) return;
  states.add(at);
  const step = steps[at];
  if (step?.repeats || step?.skips !== undefined) enterState(steps, at + 1, states);
  if (step?.skips !== undefined) enterState(steps, at + step.skips, states);
}
