import { crc32 } from 'node:zlib';

/** One record: 32 bytes of name, the logit as little-endian float32, and a CRC-32 over both. */
export const RECORD_BYTES = 40;

const NAME_BYTES = 32;

/** Records by name, which is a string of 32 code units below 256. */
export function encodeRecords(records: Iterable<readonly [string, number]>): Buffer {
  const entries = [...records];
  const bytes = Buffer.alloc(entries.length * RECORD_BYTES);
  for (const [i, [name, logit]] of entries.entries()) {
    const at = i * RECORD_BYTES;
    bytes.write(name, at, NAME_BYTES, 'latin1');
    bytes.writeFloatLE(logit, at + NAME_BYTES);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + NAME_BYTES + 4)), at + NAME_BYTES + 4);
  }
  return bytes;
}

/** The records that are whole; any other is as if it had never been written. */
export function* decodeRecords(bytes: Buffer | undefined): Generator<[string, number]> {
  if (bytes === undefined) return;
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const body = bytes.subarray(at, at + NAME_BYTES + 4);
    if (crc32(body) !== bytes.readUInt32LE(at + NAME_BYTES + 4)) continue;
    const logit = body.readFloatLE(NAME_BYTES);
    if (Number.isFinite(logit)) yield [body.toString('latin1', 0, NAME_BYTES), logit];
  }
}
