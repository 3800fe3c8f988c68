import type { LoadingReport } from '../loading/index.ts';
import type { Paint } from './pretty.ts';

const MARKS = { pass: ['green', '✔'], fail: ['red', '✖'], skip: ['dim', '–'] } as const;

/** What Python's ways to load a model gave, a line each. */
export function formatLoading({ versions, paths }: LoadingReport, paint: Paint): string {
  const libraries = ['transformers', 'torch'].map((name) => `${name} ${versions[name] ?? '?'}`).join(', ');
  const lines = paths.map(({ path, status, difference, reason }) => {
    const [style, mark] = MARKS[status];
    const detail = reason ?? (difference === undefined ? '' : `off by ${difference.toExponential(0)}`);
    return `  ${paint(style, mark)} ${path}${detail === '' ? '' : paint('dim', `  ${detail}`)}`;
  });
  return [`Loaded with Python (${libraries}):`, ...lines].join('\n');
}
