import { join } from 'node:path';
import { readLimitedText } from '../../formats/limited-file.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What a model's code has a reason to import. */
const ALLOWED = new Set([
  'torch',
  'transformers',
  'safetensors',
  'huggingface_hub',
  'numpy',
  'einops',
  'flash_attn',
  '__future__',
  'abc',
  'collections',
  'contextlib',
  'copy',
  'dataclasses',
  'enum',
  'functools',
  'inspect',
  'itertools',
  'json',
  'logging',
  'math',
  'numbers',
  'os',
  'pathlib',
  're',
  'sys',
  'types',
  'typing',
  'typing_extensions',
  'warnings',
]);
/** Calls that start programs, run text as code, unpickle or talk to the network. */
const DANGEROUS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.])(eval|exec|compile|__import__)\s*\(/, 'runs text as code'],
  [
    /\bos\.(system|popen|exec\w*|spawn\w*|fork|kill|remove|unlink|rmdir|environ|getenv)\b/,
    'reaches out of the model through os',
  ],
  [
    /\b(subprocess|socket|ctypes|importlib|pickle|marshal|shelve|urllib|requests|httpx|http\.client|ftplib|shutil)\b\s*\./,
    'uses a module that a model has no need of',
  ],
  [
    /\btorch\.load\s*\((?![^()]*(\([^()]*\)[^()]*)*weights_only\s*=\s*True)/,
    'unpickles without weights_only=True',
  ],
  [/\bgetattr\s*\(\s*__builtins__|__subclasses__|__globals__/, 'reaches into the interpreter'],
];

export const codeImports: Rule = {
  code: 'code-imports',
  title: 'the code does what a model does, and no more',
  group: 'code',
  severity: 'error',
  explanation:
    'Python files import only torch, transformers and their kin and harmless parts of the standard library, with relative imports of one level, as transformers copies them; none starts programs, runs text as code, unpickles, opens connections or reads the environment. Whoever says `trust_remote_code=True` runs this file.',
  fix: 'take it out, or assemble again: hubwright writes a file that needs torch and transformers alone',
  cheap: true,
  async check({ dir, files }) {
    const scripts = files.filter((path) => path.endsWith('.py'));
    if (scripts.length === 0) return { notApplicable: 'the model brings no code of its own' };
    const findings: RuleFinding[] = [];
    for (const path of scripts) {
      const lines = stripText(await readLimitedText(join(dir, path))).split('\n');
      for (const [i, text] of lines.entries()) {
        const message = judgeLine(text, files);
        if (message !== undefined) findings.push({ path, line: i + 1, message });
      }
    }
    return { findings };
  },
};

function judgeLine(line: string, files: readonly string[]): string | undefined {
  const [, dots, from, imports] =
    /^\s*(?:from\s+(\.*)([\w.]*)\s+import\b|import\s+([\w., ]+))/.exec(line) ?? [];
  if (dots !== undefined && dots.length > 1)
    return `imports from ${dots}${from}: transformers copies one level only`;
  if (dots === '.' && !files.includes(`${from?.split('.')[0]}.py`))
    return `imports .${from}, which is no file beside it`;
  const names =
    dots === '.'
      ? []
      : from !== undefined
        ? [from]
        : (imports ?? '').split(',').map((name) => name.trim().split(' ')[0] ?? '');
  const other = names
    .map((name) => name.split('.')[0] ?? '')
    .find((name) => name !== '' && !ALLOWED.has(name));
  if (other !== undefined) return `imports ${other}, which a model has no need of`;
  return DANGEROUS.find(([form]) => form.test(line))?.[1];
}

/** Python without what stands in strings and comments, line for line. */
function stripText(code: string): string {
  const parts = /("""|''')[\s\S]*?(?:\1|$)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;
  return code.replace(parts, (part) =>
    part.startsWith('#') ? '' : `""${'\n'.repeat(part.split('\n').length - 1)}`,
  );
}
