import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatFixed,
  formatParameters,
  formatSetting,
  formatShare,
} from '../../src/card/number-text.ts';
import { titleFromName } from '../../src/card/title.ts';
import { formatCount } from '../../src/plot/number-text.ts';

describe('numbers of the card', () => {
  it.each([
    [formatFixed(-0.00001, 4), '0.0000'],
    [formatFixed(-0.0019, 4), '-0.0019'],
    [formatShare(5724 / 7633), '75 %'],
    [formatShare(0.125), '12.5 %'],
    [formatBytes(999), '999&nbsp;B'],
    [formatBytes(26_100), '26.1&nbsp;kB'],
    [formatBytes(598_635_032), '599&nbsp;MB'],
    [formatParameters(353_345), '353,345'],
    [formatParameters(149_014_272), '149 M'],
    [formatParameters(1_240_000_000), '1.2 B'],
    [formatCount(7633), '7,633'],
    [formatSetting(2e-5), '2e-5'],
    [formatSetting(0), '0'],
    [formatSetting(0.1), '0.1'],
    [formatSetting('cosine'), 'cosine'],
  ])('%s is %s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it.each([
    ['modernbert_cot-reward', 'ModernBERT CoT Reward'],
    ['my-sql-RM', 'My SQL RM'],
    ['v1.2', 'V1.2'],
  ])('heading of %s', (name, title) => {
    expect(titleFromName(name)).toBe(title);
  });
});
