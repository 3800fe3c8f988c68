import type { Rule, RuleFinding } from '../rule.ts';

/** Names that Windows cannot have, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const MAX_NAME_BYTES = 255;

export const fileNames: Rule = {
  code: 'file-names',
  title: 'every file name works on every system',
  group: 'files',
  severity: 'warning',
  explanation:
    'No two names differ only in case, which Windows and macOS take for one file; and no name is reserved, too long, ends with a dot or a space, or holds what Windows forbids.',
  fix: 'rename the file in the run folder and assemble again',
  cheap: true,
  async check({ files }) {
    const findings: RuleFinding[] = [];
    const seen = new Map<string, string>();
    for (const path of files) {
      const key = path.normalize('NFC').toLowerCase();
      const twin = seen.get(key);
      if (twin !== undefined) {
        const message = `is the same name as ${twin} on Windows and macOS: one would overwrite the other`;
        findings.push({ path, severity: 'error', message });
      }
      seen.set(key, path);
      const fault = path
        .split('/')
        .map(findFault)
        .find((found) => found !== undefined);
      if (fault !== undefined) findings.push({ path, message: fault });
    }
    return { findings };
  },
};

function findFault(name: string): string | undefined {
  if (RESERVED.test(name)) return 'has a name that Windows keeps for itself';
  if (/[<>"|?*]/.test(name))
    return `holds ${/[<>"|?*]/.exec(name)?.[0]}, which Windows does not allow in a name`;
  if (/[. ]$/.test(name)) return 'ends with a dot or a space, which Windows drops';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}
