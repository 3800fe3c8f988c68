import type { Rule, RuleFinding } from '../rule.ts';

/** What templates leave for people to fill in. */
const FORMS: readonly RegExp[] = [
  /\[?more information needed\]?/i,
  /\b(TODO|FIXME|TBD|XXX)\b/,
  /\b(your|my)[-_ ](user(name)?|org(anization)?|name|model|repo|hf)[-_/ ]?(name|id)?\b(?=.*\/|["'])/i,
  /<(your|insert|add|enter)[^>]{0,40}>/i,
  /\[(insert|your|add|enter|fill in)[^\]]{0,40}\](?!\()/i,
  /\blorem ipsum\b/i,
  /\bfill (this|me) in\b/i,
];
/** A template that nobody rendered; the input form, which shows braces on purpose, stands in a fence. */
const UNRENDERED = /\{\{[^}]*\}\}|\{%[^%]*%\}/;

export const cardPlaceholders: Rule = {
  code: 'card-placeholders',
  title: 'the card is finished',
  group: 'card',
  severity: 'warning',
  explanation:
    'No "More Information Needed", TODO, `your-username`, `<insert …>` and no template braces outside of code are left in the card.',
  fix: 'write the section in card of hubwright.json, or leave it out, and regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ card }) {
    const path = 'README.md';
    const findings: RuleFinding[] = [];
    let isCode = false;
    // Metadata has the texts of widgets, which are the data's.
    const lines = (await card()).split('\n');
    const start = lines[0]?.trim() === '---' ? lines.indexOf('---', 1) + 1 : 0;
    for (const [i, line] of lines.entries()) {
      if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
      if (i < start || line.startsWith('|')) continue;
      const form =
        FORMS.find((one) => one.test(line)) ??
        (isCode ? undefined : [UNRENDERED].find((one) => one.test(line.replace(/`[^`]*`/g, ''))));
      const found = form?.exec(line)?.[0];
      if (found === undefined) continue;
      findings.push({
        path,
        line: i + 1,
        message: `still says ${JSON.stringify(found.trim())}`,
      });
    }
    return { findings };
  },
};
