import type { Fault, PlannedFault, Step } from '../../src/hub/index.ts';

/** One fault at one step of the protocol, in the words of the table that comes of it. */
export interface Combination {
  readonly where: string;
  readonly what: string;
  readonly planned: PlannedFault;
  readonly xet: boolean;
}

interface Place {
  readonly where: string;
  readonly step: Step;
  /** Requests of this step that pass before the fault. */
  readonly skip?: number;
  /** Whether the request changes something: only then can it be lost after its work was done. */
  readonly writes?: boolean;
  /** A step of sending a file of which the Hub has a part. */
  readonly xet?: boolean;
}

/** Every step of the protocol that a publish takes, in its order; at last those over Xet, in place of the ones over LFS. */
const PLACES: readonly Place[] = [
  { where: 'whoami', step: 'whoami' },
  { where: 'write check', step: 'auth-check' },
  { where: 'validate-yaml', step: 'validate-yaml' },
  { where: 'create repository', step: 'create', writes: true },
  { where: 'repository info', step: 'info' },
  { where: 'refs', step: 'refs' },
  { where: 'tree', step: 'tree' },
  { where: 'preupload', step: 'preupload' },
  { where: 'read published files', step: 'resolve' },
  { where: 'settings', step: 'settings', writes: true },
  { where: 'create branch', step: 'branch', writes: true },
  { where: 'open pull request', step: 'discussion', skip: 1, writes: true },
  { where: 'LFS batch', step: 'lfs-batch' },
  { where: 'upload', step: 'lfs-put', writes: true },
  { where: 'upload of a part', step: 'lfs-put', skip: 2, writes: true },
  { where: 'multipart complete', step: 'lfs-complete', writes: true },
  { where: 'LFS verify', step: 'lfs-verify' },
  { where: 'commit', step: 'commit', writes: true },
  { where: 'tree, reading back', step: 'tree', skip: 1 },
  { where: 'tag', step: 'tag', writes: true },
  { where: 'Xet: ask for a chunk', step: 'chunk-query', xet: true },
  { where: 'Xet: send a xorb', step: 'xorb-put', writes: true, xet: true },
  { where: 'Xet: register the shard', step: 'shard-put', writes: true, xet: true },
];

const status = (code: number, more: Partial<Extract<Fault, { kind: 'status' }>> = {}): Fault => ({
  kind: 'status',
  status: code,
  ...more,
});

const EVERYWHERE: readonly [what: string, fault: Fault][] = [
  ['429 with Retry-After', status(429, { headers: { 'Retry-After': '0' } })],
  ['408', status(408)],
  ['409', status(409)],
  ['412', status(412)],
  ['500', status(500)],
  ['504', status(504)],
  ['dropped socket', { kind: 'drop' }],
  ['connection cut in the body', { kind: 'cut' }],
  ['expired token', { kind: 'expired' }],
];
const WRITES: readonly [what: string, fault: Fault][] = [
  ['500 after the work was done', status(500, { when: 'after' })],
  ['504 after the work was done', status(504, { when: 'after' })],
  ['socket dropped after the work was done', { kind: 'drop', when: 'after' }],
];
/** Each costs the patience of one request, so that only requests of different kinds are held up. */
const STALLS = new Set([
  'whoami',
  'tree',
  'upload',
  'upload of a part',
  'multipart complete',
  'Xet: send a xorb',
  'commit',
  'tag',
]);
/** The Hub's own way to say 429; the wait that it asks for is a second at least. */
const QUOTA = status(429, { headers: { RateLimit: '"api";r=0;t=0' } });
const QUOTAS = new Set(['whoami', 'preupload', 'LFS batch', 'Xet: send a xorb', 'commit', 'tag']);
/** Where a turned bit always falls on the same byte. Elsewhere it may or may not matter. */
const CORRUPTIBLE = new Set(['upload', 'upload of a part', 'Xet: send a xorb', 'commit']);

/** @param meanwhile a commit of somebody else */
export function listCombinations(meanwhile: () => Promise<unknown>): Combination[] {
  return PLACES.flatMap(({ where, step, skip = 0, writes = false, xet = false }) => {
    const faults: [what: string, fault: Fault, times?: number][] = [...EVERYWHERE];
    if (writes) faults.push(...WRITES);
    if (QUOTAS.has(where)) faults.push(['429 with RateLimit alone', QUOTA]);
    if (STALLS.has(where)) faults.push(['stall', { kind: 'stall' }]);
    if (CORRUPTIBLE.has(where)) faults.push(['corrupt byte', { kind: 'corrupt' }]);
    if (step === 'lfs-put') faults.push(['slow', { kind: 'slow', milliseconds: 50 }]);
    if (step === 'commit') faults.push(['commit of somebody else', { kind: 'meanwhile', work: meanwhile }]);
    faults.push(['500, always', status(500), 1_000]);
    return faults.map(([what, fault, times = 1]) => ({
      where,
      what,
      planned: { step, skip, fault, times },
      xet,
    }));
  });
}
