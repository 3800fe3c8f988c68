import { isJsonObject } from '../../formats/json.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** transformers writes about 1e30 for "unknown". */
const UNKNOWN = 1e9;

export const tokenizerLength: Rule = {
  code: 'tokenizer-length',
  title: 'texts are cut where training cut them',
  group: 'tokenizer',
  severity: 'error',
  explanation:
    '`model_max_length` and the truncation that `tokenizer.json` carries are the trained length, `input.maxLength`; neither is unknown, and `tokenizer.json` pads nothing by itself. A reader who says `truncation=True` cuts at `model_max_length`; one who uses the tokenizers library cuts at the other, and a fixed padding changes the speed and, with a wrong mask, the score.',
  fix: 'if input.maxLength is wrong, mend it in hubwright.json; else save the tokenizer as training used it (tokenizer.model_max_length = n; tokenizer.backend_tokenizer.no_truncation(), .no_padding(); tokenizer.save_pretrained(run_dir)); then assemble again',
  cheap: true,
  needs: ['json-strict'],
  async check({ tokenizer, tokenizerConfig, config }) {
    const { maxLength } = (await config()).input;
    const { model_max_length: known } = await tokenizerConfig();
    const { truncation, padding } = await tokenizer();
    const findings: RuleFinding[] = [];
    const path = 'tokenizer_config.json';
    const trained = `training truncated to ${maxLength} (input.maxLength)`;
    if (typeof known !== 'number' || known >= UNKNOWN) {
      const message = `model_max_length is ${JSON.stringify(known ?? null)}, which cuts nothing; ${trained}`;
      findings.push({ path, message, severity: 'warning' });
    } else if (known !== maxLength) {
      const severity = known < maxLength ? 'error' : 'warning';
      findings.push({ path, severity, message: `model_max_length is ${known}; ${trained}` });
    }
    if (isJsonObject(truncation) && truncation.max_length !== maxLength) {
      const severity = Number(truncation.max_length) < maxLength ? 'error' : 'warning';
      const message = `truncates to ${truncation.max_length}; ${trained}`;
      findings.push({ path: 'tokenizer.json', severity, message });
    }
    if (isJsonObject(padding) && isJsonObject(padding.strategy) && padding.strategy.Fixed !== undefined) {
      const message = `pads every text to ${padding.strategy.Fixed} tokens`;
      findings.push({ path: 'tokenizer.json', severity: 'warning', message });
    }
    return { findings };
  },
};
