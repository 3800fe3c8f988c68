import { expect, test } from 'vitest';
import { holdsAbsolutePath, holdsHostName, redactText } from '../../src/formats/private-text.ts';

test.each([
  ['/home/alice/runs/reward-1', 'reward-1'],
  ['/scratch/reward-1/', 'reward-1'],
  ['C:\\Users\\alice\\runs\\out', 'out'],
  ['\\\\server\\share\\out', 'out'],
  ['file:///data/train.csv', 'train.csv'],
  ['~/runs/out', 'out'],
  ['/home/alice', undefined],
  ['/home/alice/', undefined],
  ['C:\\Users\\alice', undefined],
  ['~alice', undefined],
  ['/root', undefined],
  ['/', undefined],
  ['train.py --out /home/alice/runs', undefined],
])('absolute path %s becomes %s', (text, kept) => {
  expect(holdsAbsolutePath(text)).toBe(true);
  expect(redactText(text)).toBe(kept);
});

test.each([
  'out',
  'runs/out',
  './out',
  '../out',
  'answerdotai/ModernBERT-base',
  'no',
  'a/home',
  'https://example.org/x',
])('%s is no absolute path', (text) => {
  expect(holdsAbsolutePath(text)).toBe(false);
  expect(redactText(text)).toBe(text);
});

test('the host in the name of a run is left out', () => {
  expect(holdsHostName('out/runs/Jan31_23-59-59_gpu-7.example.org')).toBe(true);
  expect(redactText('out/runs/Jan31_23-59-59_gpu-7.example.org')).toBe('out/runs/Jan31_23-59-59');
  expect(redactText('/data/alice/runs/Jan31_23-59-59_gpu-7')).toBe('Jan31_23-59-59');
  expect(holdsHostName('runs/Jan31_23-59-59')).toBe(false);
});
