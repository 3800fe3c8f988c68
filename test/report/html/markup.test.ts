import { describe, expect, it } from 'vitest';
import { html } from '../../../src/report/html/markup.ts';

describe('html', () => {
  it('escapes text in elements and in attributes', () => {
    const text = `<script>alert("1")</script> & 'more'`;
    expect(html`<p title="${text}">${text}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</p>',
    );
  });

  it('nests markup and lists, and writes nothing for what is absent', () => {
    expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${false}${undefined}${null}</ul>`.text).toBe(
      '<ul><li>1</li><li>2</li></ul>',
    );
  });
});
