import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LockedFile } from '../../src/bundle.ts';
import { changedFiles, makePlan, type PlannedFile, type PlanOptions } from '../../src/publish/plan.ts';
import type { RemoteFile, RemoteState } from '../../src/publish/remote-state.ts';
import { sampleReport } from './sample-report.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const OID = 'c'.repeat(40);

const local = (path: string, sha256 = A, size = 10): LockedFile => ({ path, size, sha256 });
const regular = (path: string, gitOid = OID, size = 10): RemoteFile => ({
  path,
  size,
  gitOid,
  sha256: undefined,
});
const lfs = (path: string, sha256 = A, size = 10): RemoteFile => ({
  path,
  size,
  gitOid: 'd'.repeat(40),
  sha256,
});

const nothing: RemoteState = {
  exists: false,
  account: 'me',
  target: { branch: 'main', pull: undefined },
  targetExists: false,
  head: null,
  refs: { branches: new Map(), tags: new Map(), pullRequests: new Map() },
  settings: undefined,
  report: undefined,
  statements: new Map(),
  card: undefined,
  files: [],
  oids: new Map(),
  modes: new Map(),
  sameReport: false,
  warnings: [],
};
const state = (files: RemoteFile[], more: Partial<RemoteState> = {}): RemoteState => ({
  ...nothing,
  exists: true,
  targetExists: true,
  settings: { private: false, gated: false },
  head: OID,
  files,
  ...more,
});
const options = { repo: 'me/model', hubUrl: 'https://hub.example' };
const report = sampleReport(A);
const CARD = '---\nlicense: mit\n---\n# Model\n';

function plan(
  files: LockedFile[],
  there: RemoteState,
  verified: typeof report | null = report,
  more: Partial<PlanOptions> = {},
) {
  const lock = { version: 1 as const, rootDigest: A, files };
  return makePlan({ files, lock, report: verified, card: CARD }, there, { ...options, ...more });
}

const decide = (file: LockedFile, there: RemoteState): PlannedFile => plan([file], there).files[0]!;

describe('makePlan, one file', () => {
  test.each<[what: string, file: LockedFile, there: RemoteState, action: string, mode: string]>([
    ['new, text', local('README.md'), nothing, 'add', 'regular'],
    ['new, weights', local('model.safetensors'), nothing, 'add', 'lfs'],
    ['new, weights in a folder', local('onnx/model.onnx'), nothing, 'add', 'lfs'],
    ['new, a picture', local('plot.png'), nothing, 'add', 'lfs'],
    ['new, a large table', local('train_set.csv', A, 10_000_001), nothing, 'add', 'lfs'],
    ['new, a table', local('train_set.csv', A, 10_000_000), nothing, 'add', 'regular'],
    [
      'new, the Hub says how',
      local('plot.png'),
      state([], { modes: new Map([['plot.png', 'regular']]) }),
      'add',
      'regular',
    ],
    ['same in LFS', local('w.bin'), state([lfs('w.bin')]), 'unchanged', 'lfs'],
    ['other bytes in LFS', local('w.bin'), state([lfs('w.bin', B)]), 'update', 'lfs'],
    ['other size in LFS', local('w.bin'), state([lfs('w.bin', A, 11)]), 'update', 'lfs'],
    [
      'same in Git',
      local('a.json'),
      state([regular('a.json')], { oids: new Map([['a.json', OID]]) }),
      'unchanged',
      'regular',
    ],
    [
      'other bytes in Git',
      local('a.json'),
      state([regular('a.json')], { oids: new Map([['a.json', A]]) }),
      'update',
      'regular',
    ],
    [
      'other size in Git, never hashed',
      local('a.json'),
      state([regular('a.json', OID, 9)]),
      'update',
      'regular',
    ],
    [
      'in Git so far, LFS from now on',
      local('a.bin'),
      state([regular('a.bin')], { modes: new Map([['a.bin', 'lfs']]) }),
      'update',
      'lfs',
    ],
    [
      'a report that says the same',
      local('verification.json'),
      state([regular('verification.json')], { sameReport: true }),
      'unchanged',
      'regular',
    ],
    [
      'another report',
      local('verification.json'),
      state([regular('verification.json')]),
      'update',
      'regular',
    ],
    [
      'a like report lends nothing to other files',
      local('a.json'),
      state([regular('a.json')], { sameReport: true }),
      'update',
      'regular',
    ],
  ])('%s', (_, file, there, action, mode) => {
    expect(decide(file, there)).toMatchObject({ path: file.path, action, mode, size: file.size, sha256: A });
  });
});

describe('makePlan', () => {
  test('a new repository', () => {
    const { title, description, ...rest } = plan(
      [local('model.safetensors', A, 700), local('README.md')],
      nothing,
    );
    expect(rest).toEqual({
      repo: 'me/model',
      url: 'https://hub.example/me/model',
      branch: 'main',
      head: null,
      createRepo: true,
      visibility: { from: null, to: null },
      gated: { from: null, to: null },
      createBranch: false,
      pullRequest: null,
      deleted: [],
      metrics: [
        { metric: 'eval_rmse', published: null, now: 0.123456789 },
        { metric: 'eval_pearson', published: null, now: 0.98 },
      ],
      cardDiff: '',
      verified: true,
      rootDigest: A,
      files: [
        { path: 'README.md', action: 'add', size: 10, sha256: A, mode: 'regular' },
        { path: 'model.safetensors', action: 'add', size: 700, sha256: A, mode: 'lfs' },
      ],
      kept: [],
      uploadBytes: 710,
      tag: null,
      warnings: [],
    });
    expect(title).toBe('Publish 2 files with Hubwright');
    expect(description).toMatch(
      new RegExp(
        `^Hubwright \\S+: 2 files\nRoot digest: ${A}\n` +
          'Verified: 14 passed, 1 warned, 1 skipped, 1 not applicable, inference over 1000 rows\n' +
          'Measured: rmse 0.12346, pearson 0.98$',
      ),
    );
  });

  test('only what changes is counted and named in the message', () => {
    const there = state([lfs('w.bin'), lfs('v.bin', B)]);
    const made = plan([local('w.bin', A, 10), local('v.bin', A, 10)], there);
    expect(changedFiles(made).map((file) => file.path)).toEqual(['v.bin']);
    expect(made).toMatchObject({
      uploadBytes: 10,
      title: 'Publish 1 file with Hubwright',
      createRepo: false,
      head: OID,
    });
  });

  test('what the bundle does not have is kept', () => {
    expect(plan([local('a')], state([regular('z'), regular('.gitattributes')])).kept).toEqual([
      '.gitattributes',
      'z',
    ]);
  });

  test('without a report it says so, in the plan and in the commit, whatever title is asked for', () => {
    const made = plan([local('README.md')], state([regular('verification.json')]), null);
    expect(made.verified).toBe(false);
    expect(made.title).toBe('Publish 1 file with Hubwright, not verified');
    expect(made.description).toContain('Not verified: published with --no-verify');
    expect(made.warnings).toEqual([
      'these files go out without a passing verification of exactly them',
      'the verification.json on the Hub stays, and is about other files',
    ]);
    const titled = plan([local('README.md')], nothing, null, { message: 'Release 2' });
    expect(titled.title).toBe('Release 2');
    expect(titled.description).toContain('Not verified');
  });

  test('every local file is planned once and every other remote file is kept, in any order', () => {
    const paths = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 12 });
    fc.assert(
      fc.property(paths, paths, (mine, theirs) => {
        const made = plan(
          mine.map((path) => local(path)),
          state(theirs.map((path) => lfs(path, B))),
        );
        expect(made.files.map((file) => file.path)).toEqual([...mine].sort());
        expect(made.kept).toEqual(theirs.filter((path) => !mine.includes(path)).sort());
        expect(made).toEqual(
          plan(
            mine.toReversed().map((path) => local(path)),
            state(theirs.toReversed().map((path) => lfs(path, B))),
          ),
        );
      }),
    );
  });
});

describe('visibility and gating', () => {
  const there = (isPrivate: boolean) => state([], { settings: { private: isPrivate, gated: false } });
  test.each<[what: string, there: RemoteState, wanted: boolean | undefined, from: unknown, to: unknown]>([
    ['a new one, not said', nothing, undefined, null, null],
    ['a new one, private', nothing, true, null, 'private'],
    ['a new one, public', nothing, false, null, 'public'],
    ['a public one, made private', there(false), true, 'public', 'private'],
    ['a private one, private', there(true), true, 'private', null],
    ['a public one, not said', there(false), undefined, 'public', null],
  ])('%s', (_, remote, wanted, from, to) => {
    expect(plan([], remote, report, { private: wanted }).visibility).toEqual({ from, to });
  });

  test('a private repository is never laid open, and that is said', () => {
    const made = plan([], there(true), report, { private: false });
    expect(made.visibility).toEqual({ from: 'private', to: null });
    expect(made.warnings).toEqual([
      'the repository is private and stays so: make it public in its settings on the Hub',
    ]);
  });

  test('gating changes when it is asked for and is not so already', () => {
    expect(plan([], there(false), report, { gated: 'auto' }).gated).toEqual({ from: false, to: 'auto' });
    const gated = state([], { settings: { private: false, gated: 'auto' } });
    expect(plan([], gated, report, { gated: 'auto' }).gated).toEqual({ from: 'auto', to: null });
    expect(plan([], gated, report, { gated: false }).gated).toEqual({ from: 'auto', to: false });
    expect(plan([], nothing, report, { gated: false }).gated.to).toBeNull();
  });
});

describe('what is on the Hub and not in the bundle', () => {
  const remote = [regular('.gitattributes'), regular('notes.txt'), lfs('old.bin'), regular('sub/.gitignore')];
  const published = sampleReport(B, { files: [local('old.bin'), local('README.md')] });
  const prune = (which: 'published' | 'all' | undefined, there: Partial<RemoteState>) => {
    const { deleted, kept } = plan([local('README.md')], state(remote, there), report, { prune: which });
    return [deleted.map(({ path }) => path), kept];
  };

  test('stays without being asked', () => {
    expect(prune(undefined, { report: published })).toEqual([[], remote.map(({ path }) => path).sort()]);
  });

  test('goes when an earlier publish put it there', () => {
    expect(prune('published', { report: published })).toEqual([
      ['old.bin'],
      ['.gitattributes', 'notes.txt', 'sub/.gitignore'],
    ]);
    expect(prune('published', {})[0]).toEqual([]);
  });

  test('goes whoever put it there with all, but for what is the Hub and Git its own', () => {
    expect(prune('all', {})).toEqual([
      ['notes.txt', 'old.bin'],
      ['.gitattributes', 'sub/.gitignore'],
    ]);
  });

  test('counts as a change, with size, hash and mode', () => {
    const made = plan([], state([lfs('old.bin', B, 7)]), report, { prune: 'all' });
    expect(made.deleted).toEqual([
      {
        path: 'old.bin',
        action: 'delete',
        size: 7,
        sha256: B,
        mode: 'lfs',
        reason: 'the bundle does not have it',
      },
    ]);
    expect(made.title).toBe('Publish 1 file with Hubwright');
  });
});

describe('beside the published revision', () => {
  test('metrics come from both reports', () => {
    const published = sampleReport(B);
    const earlier = {
      ...published,
      metrics: published.metrics.map((one) => ({
        ...one,
        actual: one.actual === null ? null : one.actual + 1,
      })),
    };
    const { metrics } = plan([], state([], { report: earlier }));
    expect(metrics).toEqual([
      { metric: 'eval_rmse', published: 1.123456789, now: 0.123456789 },
      { metric: 'eval_pearson', published: 1.98, now: 0.98 },
    ]);
  });

  test('or from the model-index of both cards', () => {
    const card = (value: number) =>
      `---\nmodel-index:\n- name: m\n  results:\n  - dataset:\n      name: own\n    metrics:\n    - type: mse\n      value: ${value}\n---\n`;
    const there = state([], { card: card(0.25) });
    const lock = { version: 1 as const, rootDigest: A, files: [] };
    const made = makePlan({ files: [], lock, report, card: card(0.125) }, there, options);
    expect(made.metrics).toEqual([{ metric: 'mse', published: 0.25, now: 0.125 }]);
  });

  test('the card is shown as a diff', () => {
    const there = state([], { card: CARD.replace('# Model', '# Models') });
    expect(plan([], there).cardDiff).toContain('-# Models\n+# Model\n');
    expect(plan([], state([], { card: CARD })).cardDiff).toBe('');
  });
});
