import { createKeyedHash } from '../../formats/xet/hash.ts';
import type { Shard } from '../../formats/xet/shard.ts';

/** Where a chunk lies in the content store. */
export interface ChunkPlace {
  readonly xorb: string;
  readonly index: number;
}

/** The chunks that the content store has, as far as it told or was sent them. */
export interface KnownChunks {
  find(hash: Buffer): ChunkPlace | undefined;
  /** What was sent. @param hashes of the xorb's chunks, in order */
  addSent(xorb: string, hashes: readonly Buffer[]): void;
  /** What the store told: a shard whose hashes are hidden behind its key. */
  addTold(shard: Shard): Promise<void>;
}

interface Told {
  readonly hide: (hash: Uint8Array) => Uint8Array;
  readonly places: Map<string, ChunkPlace>;
}

export function createKnownChunks(): KnownChunks {
  const sent = new Map<string, ChunkPlace>();
  const told = new Map<string, Told>();

  const placesOf = async (key: Buffer | undefined): Promise<Map<string, ChunkPlace>> => {
    if (key === undefined) return sent;
    const name = key.toString('hex');
    const known = told.get(name) ?? { hide: await createKeyedHash(key), places: new Map() };
    told.set(name, known);
    return known.places;
  };

  return {
    find(hash) {
      const own = sent.get(keyOf(hash));
      if (own !== undefined) return own;
      for (const { hide, places } of told.values()) {
        const place = places.get(keyOf(hide(hash)));
        if (place !== undefined) return place;
      }
      return undefined;
    },
    addSent(xorb, hashes) {
      remember(sent, xorb, hashes);
    },
    async addTold({ xorbs, key }) {
      const places = await placesOf(key);
      for (const { hash, chunks } of xorbs)
        remember(
          places,
          hash,
          chunks.map((chunk) => chunk.hash),
        );
    },
  };
}

function remember(places: Map<string, ChunkPlace>, xorb: string, hashes: readonly Uint8Array[]): void {
  for (const [index, hash] of hashes.entries()) {
    const key = keyOf(hash);
    if (!places.has(key)) places.set(key, { xorb, index });
  }
}

/** A hash as a string of 32 characters, the cheapest that a Map takes. */
export function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1');
}
