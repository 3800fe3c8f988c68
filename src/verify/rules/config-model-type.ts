import type { Rule, RuleFinding } from '../rule.ts';

export const configModelType: Rule = {
  code: 'config-model-type',
  title: 'nobody loads random weights by mistake',
  group: 'config',
  severity: 'error',
  explanation:
    'A model with code of its own has a `model_type` of its own. With the stock name, `AutoModel` without `trust_remote_code=True` builds a stock encoder whose tensor names match nothing, fills it with random weights and raises no error. And `architectures` names a class that loads exactly these tensors.',
  fix: 'assemble again: it writes model_type and architectures',
  cheap: true,
  needs: ['tensors-config'],
  async check({ checkpoint, modelConfig }) {
    const { auto_map: map, model_type: type, architectures } = await modelConfig();
    const { modelType, classifier } = await checkpoint();
    const path = 'config.json';
    const findings: RuleFinding[] = [];
    if (map !== undefined && type === modelType) {
      const message = `model_type is the stock ${JSON.stringify(type)}, though the model has code of its own`;
      findings.push({ path, message });
    }
    if (map === undefined && classifier === undefined) {
      const message = 'has no auto_map, and no class of transformers has these tensors';
      findings.push({ path, message });
    }
    const [name] = Array.isArray(architectures) ? architectures : [];
    const named =
      typeof map === 'object' && map !== null
        ? Object.values(map).map((target) => String(target).split('.')[1])
        : [];
    const expected = classifier === undefined ? named : [classifier.className];
    if (typeof name !== 'string' || (expected.length > 0 && !expected.includes(name))) {
      const message = `architectures is ${JSON.stringify(architectures ?? null)}; expected [${JSON.stringify(expected.at(-1) ?? 'a class')}]`;
      findings.push({ path, message });
    }
    return { findings };
  },
};
