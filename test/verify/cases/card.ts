import { editJson, editText } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase, skips, warns } from './rule-case.ts';

const inCard =
  (edit: (text: string) => string) =>
  (dir: string): void =>
    editText(dir, 'README.md', edit);
const append = (text: string) => inCard((card) => `${card}\n${text}\n`);
const inSettings =
  (values: Record<string, unknown>) =>
  (dir: string): void =>
    editJson(dir, 'hubwright.json', (config) => Object.assign(config, values));
const both =
  (...damages: Damage[]): Damage =>
  async (dir) => {
    for (const damage of damages) await damage(dir);
  };
const metadata = (line: string) => inCard((card) => card.replace(/^---\n/, `---\n${line}\n`));

export const CARD_CASES: readonly RuleCase[] = [
  fails(
    'card-yaml',
    'an unknown licence',
    inCard((card) => card.replace('license: apache-2.0', 'license: Apache 2')),
    [/README\.md: the Hub would refuse it: "license" must be one of/],
  ),
  warns(
    'card-yaml',
    'no metadata',
    inCard((card) => card.replace(/^---\n[\s\S]*?\n---\n/, '')),
    ['README.md: the Hub would warn: empty or missing yaml metadata in repo card'],
  ),
  fails(
    'card-license',
    'another one than the config says',
    inCard((card) => card.replace('license: apache-2.0', 'license: mit')),
    ['README.md: says license: mit; hubwright.json says apache-2.0'],
  ),
  fails(
    'card-license',
    'other, without a name and a file',
    both(
      inCard((card) => card.replace('license: apache-2.0', 'license: other\nlicense_link: LICENSE.md')),
      inSettings({ license: 'other' }),
    ),
    [
      'README.md: says license: other and gives no license_name',
      'README.md: license_link names LICENSE.md, which is not in the bundle',
    ],
  ),
  warns(
    'card-license',
    'none',
    both(
      inCard((card) => card.replace('license: apache-2.0\n', '')),
      inSettings({ license: undefined }),
    ),
    ['README.md: names no licence: nobody may use the model'],
  ),
  warns(
    'card-license',
    'another one than that of the base',
    both(
      inCard((card) => card.replace('license: apache-2.0', 'license: mit')),
      metadata('base_model: answerdotai/ModernBERT-base'),
      inSettings({ license: 'mit' }),
    ),
    [
      'README.md: says license: mit; answerdotai/ModernBERT-base is under apache-2.0, which wants its notice kept',
    ],
  ),
  fails(
    'card-base-model',
    'another family than the config',
    both(
      metadata('base_model: FacebookAI/roberta-base'),
      inSettings({ baseModel: 'FacebookAI/roberta-base' }),
    ),
    ['README.md: says base_model: FacebookAI/roberta-base; config.json describes a modernbert_reward'],
  ),
  fails(
    'card-base-model',
    'another one than hubwright.json',
    both(
      metadata('base_model: answerdotai/ModernBERT-large'),
      inSettings({ baseModel: 'answerdotai/ModernBERT-base' }),
    ),
    [
      'README.md: says base_model: answerdotai/ModernBERT-large; hubwright.json says answerdotai/ModernBERT-base',
    ],
  ),
  passes(
    'card-base-model',
    'the same one',
    both(
      metadata('base_model: answerdotai/ModernBERT-base'),
      inSettings({ baseModel: 'answerdotai/ModernBERT-base' }),
    ),
  ),
  fails(
    'card-numbers',
    'a number in a table',
    inCard((text) =>
      text.replace(/(\| \**MSE\**\s*\| 0\.0)(\d)/, (_, a, b) => `${a}${(Number(b) + 1) % 10}`),
    ),
    [/README\.md: line \d+, MSE, says 0\.0\d+, test_metrics\.json says 0\.0126/],
  ),
  fails(
    'card-links',
    'files and headings that are not there',
    append(
      '[results](results.csv) ![plot](plots/a%20b.png) [up](#no-such-heading) [web](https://example.com/x) [file](https://huggingface.co/me/sample/blob/main/gone.txt)',
    ),
    [
      /README\.md: line \d+ links to results\.csv, which is not in the bundle/,
      /README\.md: line \d+ shows plots\/a b\.png, which is not in the bundle/,
      /README\.md: line \d+ links to #no-such-heading, and no heading has that name/,
      /README\.md: line \d+ links to gone\.txt, which is not in the bundle/,
    ],
  ),
  warns(
    'card-links',
    'a picture without words',
    append('<img src="modernbert_reward_model_residuals.png">'),
    [/README\.md: line \d+ shows modernbert_reward_model_residuals\.png without an alternative text/],
  ),
  passes(
    'card-links',
    'what is there, and what stands in code',
    append('[weights](./model.safetensors) [head](#results) `[x](y)`\n```\n[a](b)\n```'),
  ),
  fails(
    'card-snippets',
    'another repository',
    append('```python\nAutoModel.from_pretrained("someone/else")\n```'),
    [/README\.md: line \d+ loads someone\/else; this model is me\/sample/],
  ),
  fails('card-snippets', 'a fence left open', append('```python\nprint(1)'), [
    /README\.md: line \d+ begins code that is never closed/,
  ]),
  warns(
    'card-placeholders',
    'what templates leave',
    append(
      '[More Information Needed]\nTODO: write this\nfrom_pretrained("your-username/model")\nHello {{ name }}',
    ),
    [
      /README\.md: line \d+ still says "\[More Information Needed\]"/,
      /README\.md: line \d+ still says "TODO"/,
      /README\.md: line \d+ still says "your-username/,
      /README\.md: line \d+ still says "\{\{ name \}\}"/,
    ],
  ),
  fails(
    'plot-numbers',
    'a picture of another run',
    (dir) =>
      editText(dir, 'modernbert_reward_model_predictions_scatter.svg', (svg) =>
        svg.replace('>0.1126<', '>0.0926<'),
      ),
    ['modernbert_reward_model_predictions_scatter.svg: states RMSE 0.0926; the predictions give 0.112579'],
  ),
  skips(
    'card-base-model',
    'nothing to compare',
    () => {},
    'neither the card nor hubwright.json names a base model',
  ),
];
