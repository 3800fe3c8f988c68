/**
 * A text as near-duplicates are sought: compatibility forms unified (NFKC), case, punctuation and the kind of white space
 * set aside. Numbers and letters of every script stay.
 */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
