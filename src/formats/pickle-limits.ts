/** What one pickle may ask of memory and time. Real files stay far below; the reason is beside each. */
export interface PickleLimits {
  readonly opcodes: number;
  readonly stack: number;
  readonly marks: number;
  readonly memo: number;
  readonly textBytes: number;
  readonly nameLength: number;
  readonly integerDigits: number;
  readonly numberKeys: number;
  readonly depth: number;
  readonly expandedSize: number;
}

export const PICKLE_LIMITS: PickleLimits = {
  /** A state dict spends about 40 opcodes a tensor, so this holds 25,000 tensors. */
  opcodes: 1_000_000,
  /** CPython's pickler writes containers in batches of 1,000 items; only a long tuple waits on the stack whole. */
  stack: 250_000,
  /** One open mark a level of nesting; CPython's pickler gives up near a recursion depth of 1,000. */
  marks: 1_000,
  /** One entry an object, numbered from 0; a tensor has about 10. */
  memo: 500_000,
  /** The longest text in a training run is a chat template of some kilobytes. */
  textBytes: 4 * 1024 * 1024,
  /** Python's longest module and class names stay under 200. */
  nameLength: 500,
  /** A 256-bit hash has 78. Reading digits takes quadratic time. */
  integerDigits: 100,
  /** An optimizer numbers its parameters. V8 hashes numbers without a seed, so many can be made to collide. */
  numberKeys: 10_000,
  /** Nested configurations reach about 6; whoever walks the value may recurse this far without care. */
  depth: 200,
  /**
   * Values plus characters when each shared object is written out at each of its uses. A memo lets a few
   * hundred bytes name the same list 2^64 times over, and whoever walks or prints that never ends.
   */
  expandedSize: 16 * 1024 * 1024,
};
