import { expect, test } from 'vitest';
import { makeSpecialTokensMap, portTokenizerConfig } from '../../src/assemble/tokenizer-files.ts';
import { parseSpelledJson } from '../../src/formats/spelled-json.ts';

test.each([
  ['TokenizersBackend', 'PreTrainedTokenizerFast'],
  ['PreTrainedTokenizer', 'PreTrainedTokenizerFast'],
  [undefined, 'PreTrainedTokenizerFast'],
  ['PreTrainedTokenizerFast', 'PreTrainedTokenizerFast'],
  ['BertTokenizerFast', 'BertTokenizerFast'],
])('the class %s becomes %s, which every version can load', (given, ported) => {
  const raw = given === undefined ? {} : { tokenizer_class: given };
  expect(portTokenizerConfig(raw, 256).tokenizer_class).toBe(ported);
});

test.each([
  ['8192', 8192],
  ['1000000000000000019884624838656', 256],
  ['1e30', 256],
  ['null', 256],
  ['"8192"', 256],
])('a maximum length of %s becomes %s', (given, ported) => {
  const raw = parseSpelledJson(`{"model_max_length": ${given}}`, 'tokenizer_config.json');
  expect(Number(portTokenizerConfig(raw, 256).model_max_length)).toBe(ported);
  expect(portTokenizerConfig({}, 256).model_max_length).toBe(256);
});

test('what only transformers 5 writes goes, and the rest stays', () => {
  const raw = {
    backend: 'tokenizers',
    is_local: true,
    local_files_only: false,
    pad_token: '[PAD]',
    model_input_names: ['token_type_ids'],
  };
  expect(portTokenizerConfig(raw, 256)).toEqual({
    pad_token: '[PAD]',
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: 256,
    model_input_names: ['input_ids', 'attention_mask'],
  });
});

test('special tokens are listed by their text, in the order of transformers', () => {
  const raw = {
    mask_token: { content: '[MASK]', lstrip: true },
    cls_token: '[CLS]',
    unk_token: null,
    pad_token: { text: 'no content' },
    extra: 'x',
  };
  expect(Object.entries(makeSpecialTokensMap(raw))).toEqual([
    ['cls_token', '[CLS]'],
    ['mask_token', '[MASK]'],
  ]);
});
