import { HubwrightError } from '../errors.ts';

/** The error for a file that could not be opened or read, with the system's reason in words where it is a usual one. */
export function unreadableFile(path: string, cause: unknown): HubwrightError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return new HubwrightError('INPUT_MISSING', `${path} cannot be read${REASONS[code] ?? ''}`, {
    hint: 'check the path, and who may read it',
    cause,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: ': it is not there',
  EACCES: ': permission denied',
  EISDIR: ': it is a folder',
  ENOTDIR: ': a part of its path is a file',
};
