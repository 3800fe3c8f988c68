import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../src/preview/markdown.ts';

const render = async (text: string) => (await renderMarkdown(text, (path) => `/bundle/${path}`)).text;

describe('renderMarkdown', () => {
  it('shows GitHub-flavoured Markdown', async () => {
    const text = await render(
      '## Two words\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n~~gone~~ https://example.org\n\n- [x] done',
    );
    expect(text).toContain('<h2 id="user-content-two-words">Two words</h2>');
    expect(text).toContain('<td align="right">2</td>');
    expect(text).toContain('<del>gone</del>');
    expect(text).toContain('<a href="https://example.org" target="_blank" rel="noopener noreferrer">');
    expect(text).toContain('<input type="checkbox" checked disabled>');
  });

  it('colours code', async () => {
    expect(await render('```python\nimport torch\n```')).toContain(
      '<span class="hljs-keyword">import</span>',
    );
  });

  it.each([
    ['a script', '<script>alert(1)</script>ok'],
    ['a handler', '<img src="x.png" onerror="alert(1)">ok'],
    ['a link that runs', '[ok](javascript:alert(1))'],
    ['a link that runs, spelled oddly', '<a href="java&#x09;script:alert(1)">ok</a>'],
    ['a style', '<style>body{display:none}</style><p style="position:fixed">ok</p>'],
    ['a frame', '<iframe src="https://evil.example"></iframe>ok'],
    ['a form', '<form action="https://evil.example"><input name="a"><button>go</button></form>ok'],
    ['an object', '<object data="x.swf"></object><embed src="x">ok'],
    ['a base', '<base href="https://evil.example/">ok'],
    ['a meta refresh', '<meta http-equiv="refresh" content="0;url=https://evil.example">ok'],
    ['a vector picture', '<svg onload="alert(1)"><script>alert(1)</script></svg>ok'],
    ['a broken tag', '<scr<script>ipt>alert(1)</scr</script>ipt>ok'],
    ['data', '<a href="data:text/html,<script>alert(1)</script>">ok</a>'],
  ])('shows the words and drops the rest: %s', async (_, text) => {
    const shown = await render(text);
    expect(shown).toContain('ok');
    expect(shown).not.toMatch(
      /<(script|style|iframe|form|button|object|embed|base|meta|svg)\b| on\w+=| style=|javascript:|data:|evil/i,
    );
  });

  it('gives no id that could be one of the page', async () => {
    expect(await render('<a id="theme" name="plot">x</a>\n\n# theme')).not.toMatch(
      / (id|name)="(?!user-content-)/,
    );
  });

  it('takes pictures and files from the bundle alone', async () => {
    const text = await render(
      '![one](a.png) ![two](https://img.example/b.png) ![](//img.example/c.png)\n\n[file](config.json) [top](#top)',
    );
    expect(text).toContain('<img src="/bundle/a.png" alt="one">');
    expect(text).toContain('picture from img.example: two');
    expect(text.match(/<img/g)).toHaveLength(1);
    expect(text).toContain('<a href="/bundle/config.json">file</a>');
    expect(text).toContain('<a href="#user-content-top">top</a>');
  });

  it('marks the picture of each theme as the Hub does', async () => {
    const text = await render('![a](a.png#hf-light-mode-only)\n![a](b.png#hf-dark-mode-only)');
    expect(text).toContain('<img src="/bundle/a.png" alt="a" class="light-only">');
    expect(text).toContain('<img src="/bundle/b.png" alt="a" class="dark-only">');
  });

  it('reads sources of other pictures from nowhere', async () => {
    expect(
      await render('<picture><source srcset="https://evil.example/a.png"><img src="a.png"></picture>'),
    ).not.toContain('evil');
  });
});
