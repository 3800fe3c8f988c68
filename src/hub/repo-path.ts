import { HttpError } from './http-error.ts';
import { LIMITS } from './limits.ts';

/**
 * Throws 422 unless `path` can name a file in a repository: relative, slashes only, no empty part, no `.`,
 * `..` or `.git`. Such a path would write outside its folder once somebody downloads the repository.
 */
export function checkRepoPath(path: unknown): asserts path is string {
  const refuse = (why: string): never => {
    throw new HttpError(422, `Invalid path in repo ${JSON.stringify(path)}: ${why}`);
  };
  if (typeof path !== 'string' || path === '') return refuse('a path is a string that is not empty');
  if (Buffer.byteLength(path) > LIMITS.path) return refuse(`it is longer than ${LIMITS.path} bytes`);
  if (path.includes('\\')) return refuse('it contains a backslash');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\u007f]/.test(path)) return refuse('it contains a control character');
  if (Buffer.from(path).toString() !== path) return refuse('it is not valid Unicode');
  for (const part of path.split('/')) {
    if (part === '') return refuse('it has an empty part');
    if (part === '.' || part === '..') return refuse(`it contains "${part}"`);
    if (part.toLowerCase() === '.git') return refuse('it contains ".git"');
    if (Buffer.byteLength(part) > LIMITS.pathPart)
      return refuse(`a part is longer than ${LIMITS.pathPart} bytes`);
  }
}
