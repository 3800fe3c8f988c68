import { visit } from 'jsonc-parser';

/** What readers of JSON disagree on, in text that is valid JSON. */
export interface JsonFault {
  readonly line: number;
  readonly message: string;
}

/**
 * A byte-order mark, at which Python's `json` fails, and keys that come twice in one object, of which some readers take
 * the first and others the last.
 *
 * @param text JSON that has been parsed before: its depth is bounded
 */
export function listJsonFaults(text: string): JsonFault[] {
  const hasMark = text.startsWith('\uFEFF');
  const faults: JsonFault[] = hasMark
    ? [{ line: 1, message: "begins with a byte-order mark, at which Python's json fails" }]
    : [];
  const open: Set<string>[] = [];
  visit(hasMark ? text.slice(1) : text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectEnd: () => {
      open.pop();
    },
    onObjectProperty: (key, _, __, line) => {
      const keys = open.at(-1);
      if (keys?.has(key))
        faults.push({ line: line + 1, message: `gives the key ${JSON.stringify(key)} twice` });
      keys?.add(key);
    },
  });
  return faults;
}
