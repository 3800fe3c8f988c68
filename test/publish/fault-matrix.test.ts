import { randomBytes } from 'node:crypto';
import { afterAll, expect, test, vi } from 'vitest';
import { createFaultPlan } from '../../src/hub/index.ts';
import { type PublishOptions, publish } from '../../src/publish/index.ts';
import { type Combination, listCombinations } from './fault-matrix.ts';
import { look } from './look.ts';
import { commitBeside, openStage, TOKEN } from './stage.ts';

// Small files in parts, so that each row of the matrix takes a moment.
vi.mock('../../src/hub/limits.ts', async (load) => {
  const { LIMITS, ...rest } = await load<typeof import('../../src/hub/limits.ts')>();
  return { ...rest, LIMITS: { ...LIMITS, multipartFrom: 5_000, multipartPart: 2_000 } };
});

const faults = createFaultPlan();
const stage = await openStage({ faults });
afterAll(() => stage.close());

const PATIENCE = { tries: 3, firstWaitMs: 1, maxWaitMs: 2, stallMs: 1_500, slowAnswerMs: 3_000 };
const BEFORE = {
  'README.md': '---\nlicense: mit\n---\n# Model\n',
  'config.json': '{"version": 1}\n',
  'model.safetensors': Buffer.alloc(3_000, 1),
  'onnx/model.onnx': Buffer.alloc(5_000, 2),
};

let count = 0;
let repo = '';
let seeded = false;

/** What is asked for, so that the publish comes past the step; new each time. */
function optionsFor(where: string): Partial<PublishOptions> {
  if (where === 'create repository') return {};
  if (where === 'settings') return { private: true };
  if (where === 'create branch') return { branch: `release-${count}` };
  if (where === 'open pull request') return { pullRequest: true };
  return { tag: `v${count}` };
}
/** Steps that a repository comes past once. */
const ONCE = new Set(['create repository', 'settings', 'open pull request']);

/** Weights of which the Hub has most, as after a training of the head: those go over Xet. */
const BODY = randomBytes(1_100_000);

const run = (options: Partial<PublishOptions>) =>
  publish(stage.dir, { repo, hubUrl: stage.hubUrl, accessToken: TOKEN, patience: PATIENCE, ...options }).then(
    () => 'complete',
    (error: { code?: string }) => error.code ?? String(error),
  );

interface Ending {
  readonly first: string;
  readonly second: string;
  readonly state: string;
}

async function suffer({ where, planned, xet }: Combination): Promise<Ending> {
  faults.clear();
  count += 1;
  const fresh = where === 'create repository';
  if (ONCE.has(where) || !repo.startsWith('me/shared')) {
    repo = ONCE.has(where) ? `me/model-${count}` : `me/shared-${count}`;
    await stage.change(BEFORE);
    if (!fresh) expect(await run({})).toBe('complete');
  }
  if (xet && !seeded) {
    seeded = true;
    await stage.change({ 'pytorch_model.bin': BODY });
    expect(await run({})).toBe('complete');
  }
  const options = optionsFor(where);
  const revision = options.branch ?? (options.pullRequest === true ? 'refs/pr/1' : 'main');
  const before = await look(stage, repo, 'main');
  // Bytes that no Hub has seen, so that each row uploads.
  await stage.change({
    'config.json': `{"version": 2, "row": ${count + 1_000}}\n`,
    'model.safetensors': randomBytes(3_000),
    'onnx/model.onnx': randomBytes(5_000),
    ...(xet ? { 'pytorch_model.bin': Buffer.concat([BODY, randomBytes(20_000)]) } : {}),
  });
  stage.stored.clear();
  faults.add(planned);
  const first = await run(options);
  if (planned.times === 1) expect(faults.pending(), 'the fault did not happen').toEqual([]);
  faults.clear();
  const after = await look(stage, repo, revision);
  const moved = after.head !== undefined && after.head !== before.head && !(fresh && after.commits === 1);
  const state = after.complete ? 'whole' : moved ? 'damaged' : 'untouched';
  const second = await run(options);
  const end = await look(stage, repo, revision);
  expect(end.complete).toBe(true);
  if (options.tag !== undefined) expect(end.tags[options.tag]).toBe(end.head);
  // One commit for each change, and none twice: a damaged one, or somebody else's, is one more.
  const extra = state === 'damaged' || planned.fault.kind === 'meanwhile' ? 1 : 0;
  expect(end.commits - (fresh ? 1 : before.commits)).toBe(1 + extra);
  // Nothing the Hub has stored is sent to it again.
  for (const [object, times] of stage.stored) expect(times, object).toBe(1);
  return { first, second, state };
}

const rows: string[] = [];
const meanwhile = () => commitBeside(stage.hubUrl, 'theirs.txt', repo);

test.each(listCombinations(meanwhile).map((one) => [one.where, one.what, one] as const))(
  '%s: %s',
  async (where, what, combination) => {
    const { first, second, state } = await suffer(combination);
    // Complete and verified, or the one before, untouched; in any case complete after one more run.
    expect(second).toBe('complete');
    if (first === 'complete') expect(state).toBe('whole');
    const outcome =
      first === 'complete' ? 'complete' : `${first}; ${STATE[state]}; complete after the next run`;
    rows.push(`| ${where} | ${what} | ${outcome} |`);
  },
  30_000,
);

const STATE: Record<string, string> = {
  untouched: 'the repository is as before',
  whole: 'the commit is whole',
  damaged: 'the commit is damaged, which reading back has found',
};

test('the table in docs/ is what these runs gave', async () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
  const text = [
    '# The fault matrix',
    '',
    'Every fault at every step of a publish, and how it ends: this table is written by',
    '`test/publish/fault-matrix.test.ts`, which runs each row against the local Hub, reads the repository with plain',
    'requests and compares every hash. Without a remark a fault happens once; `always` means until the run has ended.',
    'In no row is a commit made twice or an object sent that the Hub has stored already.',
    '',
    `${rows.length} combinations.`,
    '',
    '| step | fault | ends |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../docs/fault-matrix.md');
});
