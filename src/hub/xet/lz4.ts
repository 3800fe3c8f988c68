/**
 * Unpacks an LZ4 frame (github.com/lz4/lz4, doc/lz4_Frame_format.md) of exactly `length` bytes; `undefined` when it is
 * damaged or holds more. The packages for this either allocate what the frame claims or are native; here a frame of a
 * stranger can never take more memory than `length`. Checksums are skipped: the content's own hash is checked anyway.
 */
export function unpackLz4(frame: Uint8Array, length: number): Buffer | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== 0x184d2204) return undefined;
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1) return undefined;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  const output = Buffer.alloc(length);
  let filled = 0;
  while (at + 4 <= frame.length) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) return filled === length ? output : undefined;
    const end = at + (size & 0x7fffffff);
    if (end > frame.length) return undefined;
    if (size >>> 31 === 1) {
      if (filled + (end - at) > length) return undefined;
      output.set(frame.subarray(at, end), filled);
      filled += end - at;
    } else {
      filled = unpackBlock(frame.subarray(at, end), output, filled);
      if (filled < 0) return undefined;
    }
    at = end + (hasBlockChecksum ? 4 : 0);
  }
  return undefined;
}

/** Unpacks one block behind the `start` bytes that are there already; returns the new end, or -1. */
function unpackBlock(block: Uint8Array, output: Buffer, start: number): number {
  let at = 0;
  let filled = start;
  // A length of 15 goes on in the bytes that follow, up to the first that is not 255.
  const readLength = (short: number): number => {
    let total = short;
    if (short !== 15) return total;
    for (let byte = 255; byte === 255; ) {
      byte = block[at++] ?? -1;
      if (byte < 0) return -1;
      total += byte;
    }
    return total;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = readLength(token >> 4);
    if (literals < 0 || at + literals > block.length || filled + literals > output.length) return -1;
    output.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    if (at === block.length) return filled;
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const match = readLength(token & 15);
    if (match < 0 || offset === 0 || offset > filled || filled + match + 4 > output.length) return -1;
    filled = repeat(output, filled, offset, match + 4);
  }
  return -1;
}

/** Copies `length` bytes from `offset` back; where the two overlap, what was just written is read again. */
function repeat(output: Buffer, start: number, offset: number, length: number): number {
  const end = start + length;
  if (offset >= length) output.copyWithin(start, start - offset, start - offset + length);
  else for (let at = start; at < end; at += 1) output[at] = output[at - offset] ?? 0;
  return end;
}
