import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonValue, parseJsonObject } from '../../formats/json.ts';
import { formatSpelledJson } from '../../formats/spelled-json.ts';
import type { Rule, RuleFinding } from '../rule.ts';

export const configSpellings: Rule = {
  code: 'config-spellings',
  title: 'transformers 4 and 5 read the same settings',
  group: 'config',
  severity: 'error',
  explanation:
    'Settings that transformers 4 and 5 spell differently, such as `global_rope_theta` and `rope_parameters`, are there in both spellings and say the same. Each version ignores the spelling of the other and falls back to a default without a word: the scores are then wrong in one of them only. text-embeddings-inference reads the old spelling and refuses to start without it.',
  fix: 'assemble again: it writes both spellings',
  cheap: true,
  needs: ['tensors-config'],
  async check({ checkpoint, modelConfig }) {
    const { architecture, config } = await checkpoint();
    const both = architecture.spellForBoth?.(config);
    if (both === undefined)
      return { notApplicable: `${architecture.title} is spelled the same in transformers 4 and 5` };
    const raw = await modelConfig();
    const findings: RuleFinding[] = [];
    for (const [key, expected] of Object.entries(parseJsonObject(formatSpelledJson(both), 'config.json'))) {
      const found = raw[key];
      if (found !== undefined && covers(found, expected)) continue;
      const message =
        found === undefined
          ? `has no ${key}, which ${key.startsWith('rope_') || key === 'layer_types' ? 'transformers 5' : 'transformers 4'} reads`
          : `${key} is ${JSON.stringify(found)}; the other spelling says ${JSON.stringify(expected)}`;
      findings.push({ path: 'config.json', message });
    }
    return { findings };
  },
};

/** Whether all that is expected is there; more may be. */
function covers(found: JsonValue, expected: JsonValue): boolean {
  if (!isJsonObject(found) || !isJsonObject(expected)) return isDeepStrictEqual(found, expected);
  return Object.entries(expected).every(
    ([key, value]) => found[key] !== undefined && covers(found[key], value),
  );
}
