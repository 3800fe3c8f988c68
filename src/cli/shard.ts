import { HubwrightError } from '../errors.ts';
import type { Shard } from '../inference/index.ts';

/** More shards than this are a slip of the hand. */
const MAX_SHARDS = 100_000;

/**
 * The shard that a flag names: `3/8`, or `auto` for the one that the scheduler gives this task.
 *
 * @throws HubwrightError USAGE
 */
export function parseShard(text: string, env: NodeJS.ProcessEnv): Shard {
  if (text === 'auto') return findShard(env);
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  return checkShard(Number(index), Number(count), `--shard ${text}`);
}

/** The shard by the array variables of the scheduler, in the order in which docs/sharding.md names them. */
function findShard(env: NodeJS.ProcessEnv): Shard {
  const read = (name: string) => readWhole(env, name);
  if (env.HUBWRIGHT_SHARD_INDEX !== undefined) {
    const count = read('HUBWRIGHT_SHARD_COUNT');
    return checkShard(read('HUBWRIGHT_SHARD_INDEX') + 1, count, 'HUBWRIGHT_SHARD_INDEX and _COUNT');
  }
  if (env.SLURM_ARRAY_TASK_ID !== undefined) {
    const [id, least, most] = [
      read('SLURM_ARRAY_TASK_ID'),
      read('SLURM_ARRAY_TASK_MIN'),
      read('SLURM_ARRAY_TASK_MAX'),
    ];
    const count = read('SLURM_ARRAY_TASK_COUNT');
    const step = count > 1 ? (most - least) / (count - 1) : 1;
    return checkShard((id - least) / step + 1, count, 'the variables SLURM_ARRAY_TASK_*');
  }
  if (env.JOB_COMPLETION_INDEX !== undefined) {
    const count = read('HUBWRIGHT_SHARD_COUNT');
    return checkShard(
      read('JOB_COMPLETION_INDEX') + 1,
      count,
      'JOB_COMPLETION_INDEX and HUBWRIGHT_SHARD_COUNT',
    );
  }
  if (env.CI_NODE_INDEX !== undefined) {
    return checkShard(read('CI_NODE_INDEX'), read('CI_NODE_TOTAL'), 'CI_NODE_INDEX and CI_NODE_TOTAL');
  }
  throw new HubwrightError('USAGE', '--shard auto found the variables of no scheduler', {
    hint: 'name the shard, as in --shard 3/8, or see docs/sharding.md',
  });
}

function readWhole(env: NodeJS.ProcessEnv, name: string): number {
  const text = env[name] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const found = env[name] === undefined ? 'is not set' : `is ${JSON.stringify(text)}`;
  throw new HubwrightError('USAGE', `--shard auto: ${name} ${found}; a whole number was expected`, {
    hint: 'name the shard, as in --shard 3/8, or see docs/sharding.md',
  });
}

function checkShard(index: number, count: number, source: string): Shard {
  if (
    Number.isInteger(index) &&
    Number.isInteger(count) &&
    index >= 1 &&
    index <= count &&
    count <= MAX_SHARDS
  ) {
    return { index, count };
  }
  throw new HubwrightError('USAGE', `${source} names no shard from 1/n to n/n`, {
    hint: 'for example --shard 3/8; a task list with gaps needs it spelled out',
  });
}
