// Writes the tables of bench/README.md from results/*.json: each stands between a pair of comments that name it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, 'README.md');

const number = (value, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const megabytes = (bytes) => number(bytes / 1e6);

const NAMES = {
  hubwright: 'Hubwright',
  'pytorch, the usual script': 'PyTorch, the usual script: batches of 8, padded',
  'pytorch at its best': 'PyTorch at its best: sorted, row by row, inference mode',
  'torch.onnx.export': '`torch.onnx.export` and ONNX Runtime, sorted, row by row',
};

/** For each file of results its tables, by name: the header, how columns stand, and the rows. */
const TABLES = {
  inference: {
    inference: ({ results }) => [
      ['', 'seconds', 'to Hubwright', 'tokens/s', 'load, s', 'peak memory, MB'],
      results.map((one) => [
        NAMES[one.name] ?? one.name,
        number(one.medianSeconds, 1),
        one.name === 'hubwright' ? '1' : `${number(one.ratioToHubwright, 1)} ×`,
        number(one.tokensPerSecond),
        number(one.loadSeconds, 1),
        megabytes(one.peakBytes),
      ]),
    ],
  },
  variants: {
    variants: ({ results }) => [
      ['tokens', 'fp32, s', 'int8, s', 'int8 is faster by'],
      results.map(({ name, seconds, ratio }) => [
        name,
        number(seconds.fp32, 2),
        number(seconds.int8, 2),
        `${number(ratio, 2)} ×`,
      ]),
    ],
  },
  gemm: {
    gemm: ({ results }) => [
      ['tokens', 'model, GFLOP/s', 'its matrix products alone', 'share'],
      results.map(({ name, modelGflops, productsGflops, share }) => [
        name,
        number(modelGflops),
        number(productsGflops),
        `${number(100 * share)} %`,
      ]),
    ],
  },
  profile: {
    profile: ({ results }) => [
      [
        'milliseconds',
        ...results.map(({ variant, rows, length }) => `${variant}, ${rows} × ${number(length)}`),
      ],
      [
        ...listOperators(results).map((name) => [
          name,
          ...results.map((result) => {
            const time = timeOf(result, (one) => one === name);
            return time === 0 ? '–' : number(time, 1);
          }),
        ]),
        [
          'others',
          ...results.map((result) =>
            number(
              timeOf(result, (one) => !listOperators(results).includes(one)),
              1,
            ),
          ),
        ],
        [
          'all',
          ...results.map((result) =>
            number(
              timeOf(result, () => true),
              1,
            ),
          ),
        ],
      ],
    ],
  },
  memory: {
    memory: ({ results }) => [
      [
        'weights',
        'load, s',
        'runs, s',
        'anonymous memory, loaded, MB',
        'after the runs',
        'peak of all pages',
      ],
      results.map((one) => [
        one.weights,
        number(one.loadSeconds, 1),
        number(one.runSeconds, 1),
        megabytes(one.anonymousLoaded),
        megabytes(one.anonymousBytes),
        megabytes(one.peakBytes),
      ]),
    ],
  },
  scaling: {
    rows: ({ rows }) => [
      ['rows', 'seconds', 'rows/s', 'peak memory, MB'],
      rows.map(({ rows: count, seconds, peakBytes }) => [
        number(count),
        number(seconds, 1),
        number(count / seconds),
        megabytes(peakBytes),
      ]),
    ],
    lengths: ({ lengths }) => [
      ['tokens in a row', 'seconds', 'tokens/s'],
      lengths.map(({ length, seconds, tokensPerSecond }) => [
        number(length),
        number(seconds, 2),
        number(tokensPerSecond),
      ]),
    ],
  },
  reverify: {
    reverify: ({ firstSeconds, medianSeconds }) => [
      ['', 'seconds'],
      [
        ['the first time', number(firstSeconds, 1)],
        ['again, nothing changed', number(medianSeconds, 1)],
      ],
    ],
  },
  rules: {
    rules: ({ rules: { cold, warm }, near }) => [
      ['', 'CPU, s', 'clock, s', 'peak memory, MB'],
      [
        ['rules without inference, no hash kept', number(cold.cpuSeconds, 2), number(cold.seconds, 2), '–'],
        ['the same, hashes kept', number(warm.cpuSeconds, 2), number(warm.seconds, 2), '–'],
        [
          `near-duplicates, ${number(near.rows / 10)} rows against ${number(near.rows * 0.9)}`,
          number(near.cpuSeconds, 1),
          number(near.seconds, 1),
          number(near.peakMegabytes),
        ],
      ],
    ],
  },
  publish: {
    publish: ({ results }) => [
      [
        '',
        'first, s (CPU)',
        'unchanged, s (CPU)',
        'card only, s (CPU)',
        'a new head, s (CPU)',
        'and sent, MB',
        "client's peak, MB",
        "Hub's peak, MB",
      ],
      results.map(({ name, seconds, cpuSeconds, sentMb, peakMb, hubPeakMb }) => [
        name.startsWith('hub') || name.startsWith('hf')
          ? name.replace(/^(hubwright publish( --no-xet)?|hf upload)/, '`$1`')
          : name,
        ...['first', 'unchanged', 'card only', 'another head'].map(
          (key) => `${number(seconds[key], 1)} (${number(cpuSeconds[key], 1)})`,
        ),
        number(sentMb['another head']),
        number(peakMb),
        number(hubPeakMb),
      ]),
    ],
  },
  'report-page': {
    'report-page': ({ results }) => [
      ['rows', 'file, kB', 'first row after, s', 'hover: median / 95 %, ms', 'search: median / 95 %, ms'],
      results.map(({ rows, bytes, firstRowMs, hover, filter }) => [
        number(rows),
        number(bytes / 1000),
        number(firstRowMs / 1000, 1),
        `${number(hover.medianMs, 1)} / ${number(hover.p95Ms, 1)}`,
        `${number(filter.medianMs, 1)} / ${number(filter.p95Ms, 1)}`,
      ]),
    ],
  },
  card: {
    card: ({ card, version }) => [
      ['', 'seconds'],
      [
        ['`hubwright card`', number(card.median, 2)],
        ['`hubwright --version`', number(version.median, 2)],
      ],
    ],
  },
};

/** Operators that take at least a hundredth of some run. */
function listOperators(results) {
  const names = new Set();
  for (const result of results) {
    const all = timeOf(result, () => true);
    for (const { name, milliseconds } of result.operators) if (milliseconds >= all / 100) names.add(name);
  }
  return [...names];
}

function timeOf({ operators }, wanted) {
  return operators.reduce((sum, { name, milliseconds }) => sum + (wanted(name) ? milliseconds : 0), 0);
}

/** README.md with every table as the results on the disk have it. */
export function renderTables(readme = readFileSync(README, 'utf8')) {
  return Object.entries(TABLES).reduce((text, [file, tables]) => {
    const path = join(import.meta.dirname, 'results', `${file}.json`);
    if (!existsSync(path)) return text;
    const result = JSON.parse(readFileSync(path, 'utf8'));
    return Object.entries(tables).reduce((now, [name, render]) => {
      const [begin, end] = [`<!-- table ${name} -->`, `<!-- end ${name} -->`];
      const from = now.indexOf(begin);
      const to = now.indexOf(end);
      if (from < 0 || to < from) throw new Error(`bench/README.md has no place for the table ${name}`);
      const note = describeMachine(result);
      return `${now.slice(0, from + begin.length)}\n${formatTable(render(result))}\n${note}${now.slice(to)}`;
    }, text);
  }, readme);
}

function describeMachine({ command, machine, loadAverage, rounds }) {
  if (machine === undefined) return '';
  const before = loadAverage === undefined ? '' : `; load average before ${loadAverage.join(', ')}`;
  const medians = rounds === undefined ? '' : `; medians of ${rounds} round${rounds === 1 ? '' : 's'}`;
  return `\n\`${command}\` on ${machine}${medians}${before}.\n`;
}

function formatTable([header, rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(header), `|---${'|--:'.repeat(header.length - 1)}|`, ...rows.map(line)].join('\n');
}

export function writeTables() {
  writeFileSync(README, renderTables());
}

if (process.argv[1] === import.meta.filename) writeTables();
