/** The files by their path: the folder says in whose place each goes. */
export const HOSTILE_FILES: Readonly<Record<string, Buffer>>;
