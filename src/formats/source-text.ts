const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/**
 * What does not show, or reorders the line it stands in: controls, format characters, private and lone code points,
 * separators. Line feeds and tabs are left: the languages below have their own ways with them.
 */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A Python string literal on one line, in double quotes, that evaluates to exactly `text`. */
export function quotePython(text: string): string {
  return escapeUnseen(JSON.stringify(text));
}

/** A JavaScript string literal on one line, in double quotes, that evaluates to exactly `text`. */
export function quoteJavaScript(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${formatHex(char.charCodeAt(i), 4)}`).join(''),
  );
}

/** True for a name that can stand after a dot or on the left of `=` in Python; ASCII only. */
export function isPythonName(name: string): boolean {
  return IDENTIFIER.test(name) && !KEYWORDS.has(name);
}

export function hasUnseen(text: string): boolean {
  return text.search(UNSEEN) >= 0;
}

/**
 * Replaces what does not show by escapes that Python and double-quoted YAML share. Letters of all scripts stay
 * readable.
 */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${formatHex(code, 8)}` : `\\u${formatHex(code, 4)}`;
  });
}

function formatHex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
