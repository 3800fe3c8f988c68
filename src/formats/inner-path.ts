/**
 * Whether a `/`-separated path stays inside the folder that it is joined to, on every system: relative, without `.`,
 * `..`, empty parts, backslashes, drive letters, or control characters, such as the line break that would let one line
 * of a lock's root digest pass for two.
 */
export function isInnerPath(path: string): boolean {
  return path.split('/').every((part) => /^[^\\:\p{Cc}]+$/u.test(part) && part !== '.' && part !== '..');
}
