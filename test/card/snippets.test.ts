import { expect, test } from 'vitest';
import { listSnippets } from '../../src/card/snippets.ts';

test('a snippet is complete, and says in which line what it prints', () => {
  const card = [
    'Text.',
    '```python',
    'x = 1',
    '```',
    '',
    '```python',
    'y = 2',
    'print(x)  # 0.123',
    '```',
    '```js',
    'f(); // 0.123 -1.000',
    '```',
  ].join('\n');
  expect(listSnippets(card, 'python')).toEqual([
    { language: 'python', code: 'x = 1\ny = 2\nprint(x)  # 0.123', expected: '0.123', line: 8 },
  ]);
  expect(listSnippets(card, 'js')).toMatchObject([{ expected: '0.123 -1.000', line: 11 }]);
});
