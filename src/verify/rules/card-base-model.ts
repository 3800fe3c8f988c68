import { readCardData } from '../../formats/card-yaml.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const cardBaseModel: Rule = {
  code: 'card-base-model',
  title: 'the card names the base model that it has',
  group: 'card',
  severity: 'error',
  explanation:
    '`base_model` is the one of hubwright.json, an id on the Hub and not a folder, and of the architecture that config.json describes. The Hub draws the family tree of models from it; a copied card claims a wrong parent.',
  fix: 'set baseModel in hubwright.json to the id of the model that was fine-tuned, and regenerate the card: hubwright card <bundle>',
  cheap: true,
  needs: ['card-yaml'],
  async check({ card, config, modelConfig }) {
    const data = readCardData(await card()) ?? {};
    const { baseModel } = await config();
    const path = 'README.md';
    const [named] = [data.base_model].flat();
    if (named === undefined && baseModel === undefined) {
      return { notApplicable: 'neither the card nor hubwright.json names a base model' };
    }
    const findings: RuleFinding[] = [];
    if (named !== baseModel) {
      const message = `says base_model: ${show(named)}; hubwright.json says ${show(baseModel)}`;
      findings.push({ path, message });
    }
    const family = FAMILIES.find(([form]) => form.test(String(named ?? baseModel)));
    const type = String((await modelConfig()).model_type ?? '');
    if (family !== undefined && !family[1].test(type)) {
      findings.push({
        path,
        message: `says base_model: ${show(named ?? baseModel)}; config.json describes a ${type}`,
      });
    }
    return { findings };
  },
};

/** Names that tell an architecture, and the `model_type` that must then stand in config.json. The first fits. */
const FAMILIES: readonly (readonly [RegExp, RegExp])[] = [
  [/modernbert/i, /^modernbert/],
  [/distilbert/i, /^distilbert/],
  [/xlm-roberta/i, /^xlm-roberta/],
  [/deberta/i, /^deberta/],
  [/roberta/i, /^(xlm-)?roberta|^camembert/],
  [/electra/i, /^electra/],
  [/mpnet/i, /^mpnet/],
  [/nomic-bert/i, /^nomic/],
];

function show(value: unknown): string {
  return value === undefined ? 'none' : String(value);
}
