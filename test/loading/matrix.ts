import type { LoadingReport } from '../../src/loading/index.ts';

const MARKS = { pass: '✔', fail: '✖', skip: '–' } as const;

/** The page of the docs: one row a way to load, one column a set of libraries. */
export function formatMatrix(reports: readonly LoadingReport[]): string {
  const columns = reports.map(({ versions }) => `transformers ${versions.transformers}`);
  const rows = (reports[0]?.paths ?? []).map(({ path }, i) => {
    const cells = reports.map(({ paths }) => MARKS[paths[i]?.status ?? 'fail']);
    return `| ${path} | ${cells.join(' | ')} |`;
  });
  return `${[
    '# Ways to load, and library versions',
    '',
    'Written by `test/loading/matrix.python.test.ts`. The sample model, with its sentence-transformers layout, is',
    'published to a local Hub, its base model’s settings beside it, and downloaded into an empty cache. Each way gives',
    'the scores that the model’s ONNX graph gives, to 1e-5 (bfloat16: 3e-2).',
    '',
    ...describeVersions(reports),
    '',
    `| Way to load | ${columns.join(' | ')} |`,
    `|---|${':-:|'.repeat(columns.length)}`,
    ...rows,
    '',
    '– the library is not in that environment. transformers 4.57 asks for huggingface_hub below 1, which the test',
    'machines lack; it ran with the one named here, told by the environment that it is 0.36.',
  ].join('\n')}\n`;
}

function describeVersions(reports: readonly LoadingReport[]): string[] {
  return reports.map(({ versions }) => {
    const { transformers, ...others } = versions;
    const list = Object.entries(others).map(([name, version]) => `${name} ${version.split('+')[0]}`);
    return `- transformers ${transformers}: ${list.join(', ')}`;
  });
}
