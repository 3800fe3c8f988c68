import { expect, test } from 'vitest';
import { parseShard } from '../../src/cli/shard.ts';

const slurm = (id: number, least: number, most: number, count: number) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(least),
  SLURM_ARRAY_TASK_MAX: String(most),
  SLURM_ARRAY_TASK_COUNT: String(count),
});

test.each([
  ['3/8', {}, 3, 8],
  ['auto', slurm(0, 0, 3, 4), 1, 4],
  ['auto', slurm(4, 1, 4, 4), 4, 4],
  ['auto', slurm(20, 10, 30, 3), 2, 3],
  ['auto', slurm(5, 5, 5, 1), 1, 1],
  ['auto', { JOB_COMPLETION_INDEX: '0', HUBWRIGHT_SHARD_COUNT: '5' }, 1, 5],
  ['auto', { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '5' }, 2, 5],
  ['auto', { HUBWRIGHT_SHARD_INDEX: '2', HUBWRIGHT_SHARD_COUNT: '5', CI_NODE_INDEX: '1' }, 3, 5],
])('--shard %s with %j is %i of %i', (text, env, index, count) => {
  expect(parseShard(text, env)).toEqual({ index, count });
});

test.each([
  ['0/8', {}, '--shard 0/8 names no shard'],
  ['9/8', {}, '--shard 9/8 names no shard'],
  ['a/b', {}, '--shard a/b names no shard'],
  ['auto', {}, 'found the variables of no scheduler'],
  ['auto', slurm(2, 1, 7, 3), 'SLURM_ARRAY_TASK_* names no shard'],
  ['auto', { JOB_COMPLETION_INDEX: '0' }, 'HUBWRIGHT_SHARD_COUNT is not set'],
  ['auto', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: 'x' }, 'CI_NODE_TOTAL is "x"'],
  ['auto', { HUBWRIGHT_SHARD_INDEX: '5', HUBWRIGHT_SHARD_COUNT: '5' }, 'names no shard'],
])('--shard %s with %j is refused', (text, env, message) => {
  expect(() => parseShard(text, env)).toThrow(message);
});
