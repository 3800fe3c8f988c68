import { join } from 'node:path';
import { readLimitedText } from '../../formats/limited-file.ts';
import { SHIM_FILE } from '../../shim/index.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What breaks in transformers 5 or 4, how it shows, and what to look for. */
const NEEDED: readonly (readonly [RegExp, string])[] = [
  [
    /self\.post_init\(\)/,
    'never calls self.post_init(): transformers 5 then fails with "no attribute all_tied_weights_keys"',
  ],
  [
    /class\s+\w+\(\s*\w*(PreTrainedModel|Model|ForSequenceClassification)\b/,
    'has no class that inherits from a PreTrainedModel',
  ],
  [/config_class\s*=/, 'sets no config_class: AutoModel cannot match the class to its config'],
  [
    /def forward\([\s\S]*?\*\*\w+/,
    'has a forward without **kwargs: tokenizers and Trainer pass more than it takes',
  ],
];
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/_tied_weights_keys\s*=\s*\[/, 'writes _tied_weights_keys as a list: transformers 5 wants a dict'],
  [
    /def __init__\((?:(?!\n {0,4}def )[\s\S])*?\w*Model\w*\.from_pretrained\(/,
    'calls from_pretrained in __init__: transformers 5 builds on the meta device, where that fails',
  ],
];

export const codePortable: Rule = {
  code: 'code-portable',
  title: 'the code runs in transformers 4 and 5',
  group: 'code',
  severity: 'error',
  explanation:
    'The model class calls `post_init()`, names its config class, inherits from a `PreTrainedModel`, takes `**kwargs` in `forward`, calls no `from_pretrained` in `__init__` and has no list of tied weights: the known ways in which code for transformers 4 breaks in 5.',
  fix: 'assemble again: hubwright writes a file that runs in both',
  cheap: true,
  async check({ dir, files }) {
    if (!files.includes(SHIM_FILE)) return { notApplicable: 'the model brings no code of its own' };
    const code = await readLimitedText(join(dir, SHIM_FILE));
    const missing = NEEDED.filter(([form]) => !form.test(code));
    const found = FORBIDDEN.filter(([form]) => form.test(code));
    const findings = [...missing, ...found].map(([, message]): RuleFinding => ({ path: SHIM_FILE, message }));
    return { findings };
  },
};
