import { readCardData } from '../../formats/card-yaml.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** Licences of base models that bind what is made from them, by how their ids begin. */
const BASE_LICENSES: readonly (readonly [RegExp, string])[] = [
  [
    /^(answerdotai\/modernbert|google-bert\/|bert-|distilbert|google\/electra|microsoft\/mpnet|nomic-ai\/nomic-bert)/i,
    'apache-2.0',
  ],
  [/^(facebookai\/(xlm-)?roberta|roberta-|xlm-roberta|microsoft\/deberta)/i, 'mit'],
];

export const cardLicense: Rule = {
  code: 'card-license',
  title: 'the card states a licence that holds',
  group: 'card',
  severity: 'error',
  explanation:
    'The card names a licence, the one of hubwright.json; `other` comes with `license_name` and `license_link`, and a link to a file of the repository has that file. Without a licence nobody may use the model. Where the base model is known, its licence is kept or a note says so: Apache-2.0 and MIT allow another one, but want theirs to be passed on.',
  fix: 'set license in hubwright.json and regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['card-yaml'],
  async check({ card, config, files }) {
    const data = readCardData(await card()) ?? {};
    const { license: configured } = await config();
    const path = 'README.md';
    const findings: RuleFinding[] = [];
    const [license] = [data.license].flat();
    if (typeof license !== 'string') {
      findings.push({ path, severity: 'warning', message: 'names no licence: nobody may use the model' });
    } else if (configured !== undefined && license !== configured) {
      findings.push({ path, message: `says license: ${license}; hubwright.json says ${configured}` });
    }
    if (license === 'other') {
      const { license_name: name, license_link: link } = data;
      if (typeof name !== 'string')
        findings.push({ path, message: 'says license: other and gives no license_name' });
      if (typeof link !== 'string')
        findings.push({ path, message: 'says license: other and gives no license_link' });
      else if (!/^https?:/.test(link) && !files.includes(link)) {
        findings.push({ path, message: `license_link names ${link}, which is not in the bundle` });
      }
    }
    const [base] = [data.base_model].flat();
    const known = typeof base === 'string' ? BASE_LICENSES.find(([form]) => form.test(base))?.[1] : undefined;
    const hasNotice = files.some((name) => /^(LICENSE|NOTICE)/i.test(name));
    if (known !== undefined && typeof license === 'string' && license !== known && !hasNotice) {
      const message = `says license: ${license}; ${base} is under ${known}, which wants its notice kept`;
      findings.push({
        path,
        severity: 'warning',
        message,
        hint: `put the notice into a file LICENSE or NOTICE, or publish under ${known}`,
      });
    }
    return { findings };
  },
};
