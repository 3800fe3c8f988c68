import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOSTILE_FILES } from '../../scripts/make-hostile-files.mjs';
import { writeLock } from '../../src/bundle.ts';
import type { VerificationReport } from '../../src/verification.ts';
import { openWorkshop, type Workshop } from '../verify/bundle-fixture.ts';
import { makeSmallRun } from '../verify/catalogue/small-run.ts';

const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');
const FOLDER = join(import.meta.dirname, '../files/hostile');

/** In whose place a file of each folder goes, and whether inference could come to it. */
const PLACES: Readonly<Record<string, { readonly file: string; readonly cheap: boolean }>> = {
  safetensors: { file: 'model.safetensors', cheap: true },
  pickle: { file: 'training_args.bin', cheap: true },
  torch: { file: 'training_args.bin', cheap: true },
  onnx: { file: 'model.onnx', cheap: false },
  csv: { file: 'test_set.csv', cheap: false },
  tokenizer: { file: 'tokenizer.json', cheap: false },
  png: { file: 'modernbert_reward_model_predictions_scatter.png', cheap: true },
  card: { file: 'README.md', cheap: true },
  config: { file: 'hubwright.json', cheap: false },
};

/** A machine under load takes several times what a quiet one does; what never ends is caught all the same. */
const MAX_SECONDS = 180;
/** Above what an unharmed bundle takes. Less than the file that shall not be read. */
const MAX_MORE_MB = 384;
/** For a file that is read and judged: newer versions of V8 let more garbage lie, and all do on a busy machine. */
const MAX_MORE_WITH_GARBAGE_MB = 768;
const SLOTS = ['slot-0', 'slot-1'];
/** Beside the bundle. */
const OUTSIDE = ['weights.bin', 'notes.md', 'title.hbs'];

interface Outcome {
  readonly code: number | null;
  readonly seconds: number;
  /** The most memory that the process held, in MiB; NaN when it did not live to tell. */
  readonly peakMb: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real CLI in a process of its own, which tells its peak memory when it ends. */
async function runVerify(dir: string, flags: readonly string[]): Promise<Outcome> {
  const tell = 'process.on("exit", () => process._rawDebug("peak " + process.resourceUsage().maxRSS))';
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    NO_COLOR: '1',
    HUBWRIGHT_CACHE_DIR: '',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
  };
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, 'verify', dir, '--json', ...flags], {
    env,
    timeout: MAX_SECONDS * 1000,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = await Promise.all([collect(child.stdout), collect(child.stderr)]);
  const code = await new Promise<number | null>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done(child.exitCode);
    else child.once('close', done);
  });
  const peaks = [...stderr.matchAll(/^peak (\d+)$/gm)].map((match) => Number(match[1]) / 1024);
  return {
    code,
    seconds: (performance.now() - started) / 1000,
    peakMb: peaks.length === 0 ? Number.NaN : Math.max(...peaks),
    stdout,
    stderr: stderr.replace(/^peak \d+\n/gm, ''),
  };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}

/** What was said of the file: the findings about it, or the error that ended the run. */
function describeOutcome({ code, stdout, stderr }: Outcome, file: string): string {
  if (code !== 0 && code !== 1 && code !== 4)
    return `exit ${code}: ${stderr.trim().split('\n').slice(-2).join(' ')}`;
  const { report } = JSON.parse(stdout) as { report: VerificationReport };
  const about = report.findings.filter(({ path, message }) => path === file || message.includes(file));
  const [first] = about.length > 0 ? about : report.findings;
  if (first === undefined) return `exit ${code}: nothing to find`;
  const where = first.path === file ? '' : `${first.path}: `;
  return `${first.rule}: ${where}${first.message}`;
}

describe('a bundle that holds a hostile file', () => {
  let root: string;
  let workshop: Workshop;
  let clean: Outcome;
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'hubwright-hostile-'));
    const run = await makeSmallRun();
    workshop = await openWorkshop(run.dir);
    run.dispose();
    const waiting = Object.keys(HOSTILE_FILES);
    const work = async (slot: string) => {
      const dir = join(root, slot, 'bundle');
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        const { file, cheap } = PLACES[path.split('/')[0] ?? ''] ?? expect.fail(`${path} has no place`);
        const whole = readFileSync(join(dir, file));
        writeFileSync(join(dir, file), readFileSync(join(FOLDER, path)));
        await writeLock(dir);
        outcomes.set(path, await runVerify(dir, cheap ? ['--cheap'] : []));
        rmSync(join(dir, 'verification.json'), { force: true });
        writeFileSync(join(dir, file), whole);
      }
    };
    for (const slot of SLOTS) {
      cpSync(workshop.clean, join(root, slot, 'bundle'), { recursive: true });
      mkdirSync(join(root, slot, 'outside'));
      // Whoever opens one of these waits for a writer that never comes: a read outside the bundle is a run without end.
      for (const name of OUTSIDE) execFileSync('mkfifo', [join(root, slot, 'outside', name)]);
    }
    clean = await runVerify(join(root, 'slot-0', 'bundle'), []);
    await Promise.all(SLOTS.map(work));
  }, 900_000);

  describe('or something else in the place of a file', () => {
    /** Runs with one file of the bundle replaced, and puts it back. */
    const runWith = async (file: string, replace: (path: string) => void | Promise<void>, lock = true) => {
      const dir = join(root, 'slot-0', 'bundle');
      const path = join(dir, file);
      const whole = existsSync(path) ? readFileSync(path) : undefined;
      const before = readFileSync(join(dir, 'hubwright.lock.json'));
      rmSync(path, { force: true });
      await replace(path);
      if (lock) await writeLock(dir);
      const outcome = await runVerify(dir, ['--cheap']);
      rmSync(path);
      rmSync(join(dir, 'verification.json'), { force: true });
      if (whole !== undefined) writeFileSync(path, whole);
      writeFileSync(join(dir, 'hubwright.lock.json'), before);
      return outcome;
    };

    test.each([
      'model.safetensors',
      'README.md',
      'hubwright.json',
      'hubwright.lock.json',
      'verification.json',
      'model.sig',
      'provenance.intoto.json',
    ])('a link to a file outside, as %s, is refused and not followed', async (file) => {
      const target = join(root, 'slot-0', 'outside', 'weights.bin');
      const { code, stderr } = await runWith(file, (path) => symlinkSync(target, path), false);
      expect(code).toBe(2);
      expect(stderr).toContain(`${file} in `);
      expect(stderr).toContain('is not a plain file');
    });

    test.each([
      ['README.md', 1],
      ['tokenizer.json', 1],
      ['config.json', 1],
      ['hubwright.json', 1],
      ['modeling_reward.py', 1],
      ['training_args.bin', 1],
      ['model.sig', 1],
      ['provenance.intoto.json', 1],
      ['hubwright.lock.json', 2],
    ] as const)('%s of 600 MB is not read into memory', async (file, code) => {
      const beside = ['model.sig', 'provenance.intoto.json', 'hubwright.lock.json'].includes(file);
      const sparse = (path: string) => {
        writeFileSync(path, '');
        truncateSync(path, 600_000_000);
      };
      const outcome = await runWith(file, sparse, !beside);
      expect(outcome.code, outcome.stderr).toBe(code);
      expect(outcome.peakMb).toBeLessThan(clean.peakMb + MAX_MORE_MB);
      expect(outcome.stderr).not.toMatch(/This is a bug/);
    });
  });
  afterAll(() => {
    workshop.dispose();
    rmSync(root, { recursive: true, force: true });
  });

  test('unharmed, passes', () => {
    expect(clean).toMatchObject({ code: 0, stderr: expect.not.stringContaining('✖') });
    expect(clean.peakMb).toBeGreaterThan(50);
  });

  test('is one of those that scripts/make-hostile-files.mjs makes', () => {
    const kept = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(FOLDER.length + 1)
          .replaceAll('\\', '/'),
      );
    expect(kept.sort()).toEqual(Object.keys(HOSTILE_FILES).sort());
    for (const [path, bytes] of Object.entries(HOSTILE_FILES))
      expect(readFileSync(join(FOLDER, path)).equals(bytes), path).toBe(true);
  });

  test.each(Object.keys(HOSTILE_FILES))('%s: is judged, in bounded time and memory', (path) => {
    const { code, peakMb, stdout, stderr } = outcomes.get(path) ?? expect.fail('it did not run');
    expect(code, `did not end by itself: ${stderr}`).not.toBeNull();
    expect([0, 1, 2, 4]).toContain(code);
    expect(stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$|This is a bug/m);
    expect(stdout).not.toMatch(/Cannot read properties|is not a function|is not iterable|\[object Object\]/);
    expect(peakMb).toBeLessThan(clean.peakMb + MAX_MORE_WITH_GARBAGE_MB);
    if (code === 2) expect(stderr).toMatch(/✖ .+/);
  });

  test('and what is said of each is plain: test/hostile/outcomes.md', async () => {
    const lines = Object.keys(HOSTILE_FILES).map((path) => {
      const outcome = outcomes.get(path) ?? expect.fail('it did not run');
      // Which slot a file was tried in depends on which was free first.
      const said = SLOTS.reduce(
        (text, slot) => text.replaceAll(join(root, slot), ''),
        describeOutcome(outcome, PLACES[path.split('/')[0] ?? '']?.file ?? ''),
      );
      const shown = said.length > 300 ? `${said.slice(0, 300)}…` : said;
      return `| ${path} | ${shown.replaceAll('|', '\\|')} |`;
    });
    const text = [
      '# What verify says of each hostile file',
      '',
      '| file | what is said first |',
      '|---|---|',
      ...lines,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('outcomes.md');
  });
});
