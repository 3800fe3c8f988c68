/**
 * Whether a `/`-separated path stays inside the folder that it is joined to, on every system: relative, without `.`,
 * `..`, empty parts, backslashes or drive letters.
 */
export function isInnerPath(path: string): boolean {
  return path.split('/').every((part) => /^[^\\\0:]+$/.test(part) && part !== '.' && part !== '..');
}
