const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/** A bfloat16 is the upper half of a float32. */
export function decodeBfloat16(half: number): number {
  bits[0] = half << 16;
  return value[0] ?? 0;
}

/** The float32 of an IEEE 754 binary16, exactly. */
export function decodeFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // Below the smallest normal number the exponent stays and the leading one goes.
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The binary16 nearest to a float32, ties to even as IEEE 754 has it; beyond 65,504 it is infinite. */
export function encodeFloat16(number: number): number {
  value[0] = number;
  const raw = bits[0] ?? 0;
  const sign = (raw >>> 16) & 0x8000;
  const magnitude = raw & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65,520 and more round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 leaves the right number of digits, rounded by the addition itself.
    value[0] = Math.abs(number) + 0.5;
    return sign | ((bits[0] ?? 0) - 0x3f000000);
  }
  const even = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + even) >>> 13);
}
