import type { Row } from './small-bundle.ts';

const LABEL = 'similarity_with_penalty';

/** Cells that would break a table, a fence, a literal, a template or YAML, if one of them were written as it is. */
export const HOSTILE_ROWS: readonly Row[] = [
  {
    sql: 'SELECT `a` | "b" FROM \'c\' -- <script>alert(1)</script> & \\N{BULLET} \\',
    reasoning: 'x\n```\nleft the fence\n```\n---\nkey: value\n# Heading\n| MSE | 9.9999 |',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a cell may hold one
    nl: '{{sql}} {{{x}}} ${process.exit(3)} {0} {name} %s `${`',
    [LABEL]: '0.95',
  },
  {
    sql: '---\n- a: b\n...\n\t*bold* _em_ [link](javascript:alert(1)) ![i](x)',
    reasoning: 'a\r\nb\rc\u2028d\u2029e\u0085f\u0000g\u007fh\ufeff',
    nl: '👩‍💻 ünïcödé \u202egnp.exe\u202c 𝔘 \u{e0001}',
    [LABEL]: '0.60',
  },
  {
    sql: '"""\'\'\'\\"',
    reasoning: '  trailing \\(x^2\\) $$y$$  ',
    nl: 'no\nyes\n~\n1:30\nnull  \n',
    [LABEL]: '0.20',
  },
];
