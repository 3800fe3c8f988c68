/** What would not be seen, or would reorder the line it stands in: controls, format characters, separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A Python string literal on one line, in double quotes, that evaluates to exactly `text`.
 * Letters of all scripts stay readable; invisible characters are escaped, so that no literal hides what it holds.
 */
export function quotePython(text: string): string {
  const escaped = JSON.stringify(text).replace(UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return escaped;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
