/**
 * Text from elsewhere, safe to print: on one line, and what could repaint a terminal or turn the reading direction is
 * spelled out. Ordinary text stays as it is.
 */
export function showText(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
