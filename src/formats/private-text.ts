/** Text that tells about the machine or the person, and what may be said of it in public. */

const ABSOLUTE_PATH = /^(\/|~|[A-Za-z]:[\\/]|\\\\|file:\/\/)/;
/** Home folders name a person, also in the middle of a command line. */
const HOME_FOLDER = /(\/home\/|\/Users\/|\/root\b|[A-Za-z]:\\Users\\)/;
/** A home folder itself: its last part is the person's name. */
const HOME_ITSELF =
  /^(file:\/\/)?(\/home\/[^/]+|\/Users\/[^/]+|\/root|~[^/\\]*|[A-Za-z]:[\\/]Users[\\/][^\\/]+)[\\/]*$/;
/** transformers 4 names a run `Jan31_23-59-59_<host>` where no other name is given. */
const RUN_NAME_WITH_HOST = /([A-Z][a-z]{2}\d{2}_\d{2}-\d{2}-\d{2})_[^/\\]+/;

export function holdsAbsolutePath(text: string): boolean {
  return ABSOLUTE_PATH.test(text) || HOME_FOLDER.test(text);
}

export function holdsHostName(text: string): boolean {
  return RUN_NAME_WITH_HOST.test(text);
}

/** The text without folders above its last part and without the host; `undefined` when nothing is left to say. */
export function redactText(text: string): string | undefined {
  let kept = text;
  if (ABSOLUTE_PATH.test(text)) {
    if (HOME_ITSELF.test(text)) return undefined;
    kept = text.split(/[\\/]+/).findLast((part) => part !== '') ?? '';
  } else if (HOME_FOLDER.test(text)) return undefined;
  kept = kept.replace(RUN_NAME_WITH_HOST, '$1');
  return kept === '' ? undefined : kept;
}
