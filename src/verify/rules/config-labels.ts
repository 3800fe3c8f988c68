import { isJsonObject } from '../../formats/json.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const configLabels: Rule = {
  code: 'config-labels',
  title: 'config.json names one label, both ways',
  group: 'config',
  severity: 'error',
  explanation:
    '`id2label` and `label2id` both name exactly one label and say the same, and `num_labels`, if it is there, is 1. text-embeddings-inference refuses to start without both maps; transformers derives the width of the head from them.',
  fix: 'assemble again, or write "id2label": {"0": "REWARD"}, "label2id": {"REWARD": 0}',
  cheap: true,
  needs: ['json-strict'],
  async check({ modelConfig }) {
    const { id2label, label2id, num_labels: count } = await modelConfig();
    const path = 'config.json';
    const findings: RuleFinding[] = [];
    for (const [key, map] of Object.entries({ id2label, label2id })) {
      if (map === undefined) findings.push({ path, message: `has no ${key}` });
      else if (!isJsonObject(map) || Object.keys(map).length !== 1) {
        findings.push({ path, message: `${key} names ${countOf(map)} labels; a model of one score has one` });
      }
    }
    if (count !== undefined && count !== 1)
      findings.push({ path, message: `num_labels is ${JSON.stringify(count)}, not 1` });
    if (findings.length > 0 || !isJsonObject(id2label) || !isJsonObject(label2id)) return { findings };
    const [[id, label] = []] = Object.entries(id2label);
    if (typeof label !== 'string' || String(label2id[label]) !== id) {
      findings.push({
        path,
        message: `id2label says ${JSON.stringify(id2label)}, label2id ${JSON.stringify(label2id)}`,
      });
    }
    return { findings };
  },
};

function countOf(map: unknown): number {
  return typeof map === 'object' && map !== null ? Object.keys(map).length : 0;
}
