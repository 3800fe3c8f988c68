import { posix } from 'node:path';
import { listAnchors, listLinks } from '../card-links.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const cardLinks: Rule = {
  code: 'card-links',
  title: 'links and pictures of the card lead somewhere',
  group: 'card',
  severity: 'error',
  explanation:
    'Every relative link and picture of the card is a file of the bundle, every `#anchor` a heading, and every link into this repository on the Hub a file that will be there. Pictures have an alternative text, for those who cannot see them. Links to elsewhere are not followed: `verify` needs no network.',
  fix: 'add the file to the run folder, or mend the link, and regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ card, files, config }) {
    const text = await card();
    const { repo } = await config();
    const anchors = listAnchors(text);
    const findings: RuleFinding[] = [];
    const path = 'README.md';
    for (const { target, line, isPicture, alt } of listLinks(text)) {
      const inner = findInner(target, repo);
      const what = isPicture ? 'shows' : 'links to';
      if (inner === undefined) continue;
      if (inner.startsWith('#')) {
        if (!isPicture && inner.length > 1 && !anchors.has(inner.slice(1).toLowerCase())) {
          findings.push({
            path,
            line,
            message: `links to ${inner}, and no heading has that name`,
          });
        }
      } else if (!isThere(inner, files)) {
        findings.push({ path, line, message: `${what} ${inner}, which is not in the bundle` });
      }
      if (isPicture && alt.trim() === '') {
        findings.push({
          path,
          line,
          severity: 'warning',
          message: `shows ${inner} without an alternative text`,
        });
      }
    }
    return { findings };
  },
};

/** The path in this repository that a link leads to, or its anchor; undefined for one that leads elsewhere. */
function findInner(target: string, repo: string | undefined): string | undefined {
  const here = repo === undefined ? undefined : `https://huggingface.co/${repo}/`;
  if (here !== undefined && target.startsWith(here)) {
    return /^(?:blob|resolve|raw)\/[^/]+\/([^?#]+)/.exec(target.slice(here.length))?.[1];
  }
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return undefined;
  if (target.startsWith('#')) return target;
  return posix.normalize(decode(target.replace(/[?#].*$/, '')));
}

/** A folder counts too. */
function isThere(inner: string, files: readonly string[]): boolean {
  const folder = inner.endsWith('/') ? inner : `${inner}/`;
  return (
    files.includes(inner) ||
    inner === '.' ||
    inner === './' ||
    files.some((path) => path.startsWith(folder)) ||
    inner === 'verification.json'
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
