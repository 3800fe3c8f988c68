import { isJsonObject, type JsonObject, type JsonValue } from '../../formats/json.ts';
import type { Rule, RuleFinding } from '../rule.ts';
import { listTokenIds } from '../token-ids.ts';

const NAMES = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'];

export const tokenizerSpecialIds: Rule = {
  code: 'tokenizer-special-ids',
  title: 'all files agree on the special tokens',
  group: 'tokenizer',
  severity: 'error',
  explanation:
    'The special tokens that `tokenizer_config.json` and `special_tokens_map.json` name are in `tokenizer.json`, under the ids that `config.json` gives (`pad_token_id`, `cls_token_id` …). With another padding id, padding is read as text; a special token that is not in the vocabulary is split into pieces.',
  fix: 'save tokenizer and config of one and the same model, and assemble again',
  cheap: true,
  needs: ['json-strict'],
  async check({ tokenizer, tokenizerConfig, modelConfig }) {
    const ids = listTokenIds(await tokenizer());
    const settings = await tokenizerConfig();
    const raw = await modelConfig();
    const findings: RuleFinding[] = [];
    for (const name of NAMES) {
      const token = textOf(settings[`${name}_token`]);
      const configured = raw[`${name}_token_id`];
      if (token !== undefined && !ids.has(token)) {
        const message = `${name}_token is ${JSON.stringify(token)}, which tokenizer.json does not have`;
        findings.push({ path: 'tokenizer_config.json', message });
      }
      findings.push(...compareIds(name, token, configured, ids));
    }
    return { findings };
  },
};

function compareIds(
  name: string,
  token: string | undefined,
  configured: JsonValue | undefined,
  ids: ReadonlyMap<string, number>,
): RuleFinding[] {
  if (typeof configured !== 'number') return [];
  const path = 'config.json';
  const known = token === undefined ? undefined : ids.get(token);
  if (known !== undefined && known !== configured) {
    return [
      {
        path,
        message: `${name}_token_id is ${configured}; tokenizer.json gives ${JSON.stringify(token)} the id ${known}`,
      },
    ];
  }
  if (known === undefined && ![...ids.values()].includes(configured)) {
    return [
      { path, message: `${name}_token_id is ${configured}, and tokenizer.json has no token of that id` },
    ];
  }
  return [];
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  const { content } = isJsonObject(value) ? value : ({} as JsonObject);
  return typeof content === 'string' ? content : undefined;
}
