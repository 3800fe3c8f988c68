import { openProbe, type Probe, type ProbeOptions } from '../inference/model-probe.ts';
import type { ScannedSplit } from '../splits.ts';

/** What the model says of the same texts in different company. Logits, before the activation. */
export interface Invariance {
  /** Per length: the sequence alone. */
  readonly lengths: readonly { readonly length: number; readonly logit: number }[];
  /** The largest |difference| between a sequence alone and padded beside a longer one, and its length. */
  readonly padding: Largest;
  /** The same between a sequence alone and among others of its length. */
  readonly company: Largest;
  /** The same between two runs of one batch. */
  readonly repetition: Largest;
}

interface Largest {
  readonly difference: number;
  readonly length: number;
}

/** Texts joined until they are long enough; more would not make the probe longer. */
const MAX_TEXTS = 400;
/** Lengths that code gets wrong: the least, both sides of a power of two, and the most. */
const LENGTHS = [
  1, 2, 3, 7, 8, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 511, 512, 1023, 1024, 2047, 2048, 4096, 8192,
];

/**
 * Runs a few sequences made from the test split's own texts, of one token to the trained maximum, alone, padded, in
 * company and twice. Takes some twenty small batches and two or three of the maximum length.
 */
export async function measureInvariance(
  dir: string,
  { readTexts }: ScannedSplit,
  maxLength: number,
  options: ProbeOptions,
): Promise<Invariance> {
  const probe = await openProbe(dir, options);
  try {
    const long = await makeLongSequence(probe, readTexts, maxLength);
    const wanted = [...LENGTHS.filter((length) => length < long.length), long.length];
    const sequences = wanted.map((length) => long.slice(0, length));
    const alone: number[] = [];
    for (const sequence of sequences) alone.push((await probe.run([sequence]))[0] ?? Number.NaN);
    const lengths = wanted.map((length, i) => ({ length, logit: alone[i] ?? Number.NaN }));
    // The maximum length in a batch of many would take as long as the split itself.
    const short = sequences.filter(({ length }) => length <= Math.max(128, Math.min(512, long.length)));
    const padded = await probe.run(short);
    const again = await probe.run(short, 'again');
    const company: Largest[] = [];
    for (const [i, sequence] of short.entries()) {
      const other = sequence.map((_, place) => long[(place + 1) % long.length] ?? 0);
      const [logit = Number.NaN] = await probe.run([sequence, other, other]);
      company.push({ difference: Math.abs(logit - (alone[i] ?? Number.NaN)), length: sequence.length });
    }
    return {
      lengths,
      padding: findLargest(
        short.map(({ length }, i) => ({
          length,
          difference: Math.abs((padded[i] ?? Number.NaN) - (alone[i] ?? Number.NaN)),
        })),
      ),
      company: findLargest(company),
      repetition: findLargest(
        short.map(({ length }, i) => ({
          length,
          difference: Math.abs((padded[i] ?? Number.NaN) - (again[i] ?? Number.NaN)),
        })),
      ),
    };
  } finally {
    await probe.release();
  }
}

async function makeLongSequence(
  probe: Probe,
  readTexts: ScannedSplit['readTexts'],
  maxLength: number,
): Promise<readonly number[]> {
  const texts: string[] = [];
  await readTexts((text) => {
    if (texts.length < MAX_TEXTS) texts.push(text);
  });
  let joined = '';
  let ids = probe.encode(joined, maxLength);
  for (let round = 0; ids.length < maxLength && round < 64; round += 1) {
    for (let i = 0; i < 16; i += 1) joined += `${texts[(round * 16 + i) % texts.length] ?? 'a'}\n`;
    ids = probe.encode(joined, maxLength);
  }
  return ids;
}

/** NaN is larger than any number: it is what no comparison would catch. */
function findLargest(all: readonly Largest[]): Largest {
  return all.reduce((most, one) =>
    Number.isNaN(most.difference) || one.difference <= most.difference ? most : one,
  );
}
