import type { Rule, RuleFinding } from '../rule.ts';
import { listTextFiles, readLines } from '../text-files.ts';

/** Folders that name a person or a machine; in text, not at its start alone. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.])\/home\/(?!user\b|username\b|you\b|<)[A-Za-z0-9._-]+/, 'a home folder'],
  [/(?<![\w.])\/Users\/(?!user\b|username\b|you\b|Shared\b|<)[A-Za-z0-9._-]+/, 'a home folder'],
  [/\b[A-Za-z]:\\+Users\\+(?!user\b|username\b|you\b|Public\b|<)[^\\\s"']+/, 'a home folder'],
  [/(?<![\w.])\/root\/[\w.]/, 'the home folder of root'],
  [
    /(?<![\w.])\/(mnt|scratch|lustre|gpfs|nfs|workspace|data\d*)\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]/,
    'a folder of one machine',
  ],
  [/[A-Z][a-z]{2}\d{2}_\d{2}-\d{2}-\d{2}_[A-Za-z0-9.-]{2,}/, "a machine's name"],
];

export const personalPaths: Rule = {
  code: 'personal-paths',
  title: "no file tells about the author's machine",
  group: 'privacy',
  severity: 'warning',
  explanation:
    "No text file names a home folder, a folder of one machine or the machine itself, as configs, logs and notebooks do: it names a person, and nobody else has that folder. The splits are not searched: what they say is the data's.",
  fix: 'write a relative path or a Hub id instead, and assemble again',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    const searched = listTextFiles(files).filter((path) => !/\.(csv|svg)$|^tokenizer\.json$/.test(path));
    for (const path of searched) {
      await readLines(dir, path, (text, line) => {
        const found = FORMS.find(([form]) => form.test(text));
        if (found === undefined) return undefined;
        const [form, what] = found;
        const shown = form.exec(text)?.[0].slice(0, 60);
        findings.push({ path, line, message: `names ${what}: ${shown}` });
        // One is enough to send somebody there.
        return false;
      });
    }
    return { findings };
  },
};
