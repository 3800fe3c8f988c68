import { describe, expect, it } from 'vitest';
import {
  escapeCell,
  escapeInline,
  formatCellCode,
  formatCode,
  formatFence,
} from '../../src/card/markdown.ts';

describe('escapes of Markdown', () => {
  it.each([
    ['a*b_c`d', 'a\\*b\\_c\\`d'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['\\(x\\)', '&#92;(x&#92;)'],
    ['a\nb\u2028c\u202ed', 'a b c d'],
    ['[x](y) ![z] #1 $2 ~3', '\\[x\\](y) \\!\\[z\\] \\#1 \\$2 \\~3'],
  ])('running text %j', (text, expected) => {
    expect(escapeInline(text)).toBe(expected);
  });

  it('cells keep their line breaks and end at no pipe', () => {
    expect(escapeCell('a|b\r\n  c \rd')).toBe('a\\|b<br>c<br>d');
  });

  it.each([
    ['x', '`x`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a\nb', '`a b`'],
    [' ', ''],
  ])('code %j', (text, expected) => {
    expect(formatCode(text)).toBe(expected);
  });

  it('code in a cell escapes its pipe', () => {
    expect(formatCellCode('a|b')).toBe('`a\\|b`');
  });

  it('a fence is longer than any in it', () => {
    expect(formatFence('text', 'a\n````\nb')).toBe('`````text\na\n````\nb\n`````');
  });
});
