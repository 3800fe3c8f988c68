import { readdir, readFile, stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Memory that inference takes besides the weights: the runtime, and what a batch of 512 tokens or a row of 2,048 needs
 * on the way. Measured with ModernBERT-base: see bench/.
 */
const WORKING_BYTES = 512 * 1024 * 1024;

const WEIGHTS = /\.(safetensors|onnx|onnx_data|onnx\.data)$/;

/** Whether a folder's weights would not fit into the memory that is available, were they copied. */
export async function isMemoryShort(dir: string, available: number): Promise<boolean> {
  const names = (await readdir(dir)).filter((name) => WEIGHTS.test(name));
  const sizes = await Promise.all(names.map((name) => stat(join(dir, name)).then(({ size }) => size)));
  return available < sizes.reduce((sum, size) => sum + size, 0) + WORKING_BYTES;
}

/**
 * Bytes that this process may still claim: what the machine has to give, or what the control groups that it is in
 * leave, if that is less. Pages of files count as free, for the kernel drops them when it needs to.
 *
 * @param root where `/proc` and `/sys` are
 */
export async function readAvailableMemory(root = '/'): Promise<number> {
  const limits = [...(await readCgroup2(root)), ...(await readCgroup1(root))];
  return Math.min(freemem(), ...limits);
}

/** Room in the process's control group and in every one around it. */
async function readCgroup2(root: string): Promise<number[]> {
  const groups = await readText(join(root, 'proc/self/cgroup'));
  const path = /^0::(\/.*)$/m.exec(groups)?.[1];
  if (path === undefined) return [];
  const rooms: number[] = [];
  for (let group = path; ; group = dirname(group)) {
    const folder = join(root, 'sys/fs/cgroup', group);
    const [max, current, details] = await readAll(folder, ['memory.max', 'memory.current', 'memory.stat']);
    const room = computeRoom(max, current, details, /^(?:in)?active_file (\d+)$/gm);
    if (room !== undefined) rooms.push(room);
    if (group === '/' || group === '.') return rooms;
  }
}

/** As containers on older systems see it: their own group is the root of the hierarchy. */
async function readCgroup1(root: string): Promise<number[]> {
  const names = ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'memory.stat'];
  const [max, current, details] = await readAll(join(root, 'sys/fs/cgroup/memory'), names);
  const room = computeRoom(max, current, details, /^total_(?:in)?active_file (\d+)$/gm);
  return room === undefined ? [] : [room];
}

function computeRoom(max = '', current = '', details = '', filePages: RegExp): number | undefined {
  if (!/^\d+\s*$/.test(max) || !/^\d+\s*$/.test(current)) return undefined;
  const files = [...details.matchAll(filePages)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Math.max(0, Number(max) - Number(current) + files);
}

function readAll(folder: string, names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map((name) => readText(join(folder, name))));
}

/** Empty where there is no such file: not every system has control groups. */
function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
