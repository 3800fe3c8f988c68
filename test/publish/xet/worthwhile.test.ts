import { describe, expect, it } from 'vitest';
import type { RemoteFile } from '../../../src/publish/remote-state.ts';
import { findRepeating } from '../../../src/publish/xet/worthwhile.ts';

const MB = 1e6;
const file = (path: string, size: number) => ({ path, size, sha256: path.padEnd(64, '0') });
const remote = (size: number, sha256: string | undefined = 'f'.repeat(64)): RemoteFile => ({
  path: 'there',
  size,
  gitOid: '0'.repeat(40),
  sha256,
});
const pathsOf = (...given: Parameters<typeof findRepeating>) =>
  findRepeating(...given).map(({ path }) => path);

describe('files of which the Hub may have a part', () => {
  it('are none in a first publish of one large file', () => {
    expect(pathsOf([file('weights', 600 * MB), file('tokenizer', 20 * MB)], [])).toEqual([]);
  });

  it('are those about as long as a large file that is there', () => {
    expect(pathsOf([file('weights', 600 * MB)], [remote(598 * MB)])).toEqual(['weights']);
    expect(pathsOf([file('weights', 600 * MB)], [remote(300 * MB)])).toEqual([]);
    expect(pathsOf([file('weights', 600 * MB)], [remote(700 * MB)])).toEqual([]);
  });

  it('are not those that resemble a file which the Hub keeps in Git', () => {
    const inGit = { ...remote(5 * MB), sha256: undefined };
    expect(pathsOf([file('weights', 5 * MB)], [inGit])).toEqual([]);
  });

  it('are two that are about as long as each other', () => {
    const both = [file('model.safetensors', 600 * MB), file('onnx/model.onnx_data', 599 * MB)];
    expect(pathsOf([...both, file('onnx/model_fp16.onnx_data', 300 * MB)], [])).toEqual(
      both.map(({ path }) => path),
    );
  });

  it('are none below a megabyte', () => {
    expect(pathsOf([file('a', 1_000_000), file('b', 1_000_000)], [remote(1_000_000)])).toEqual([]);
  });
});
