import { HubwrightError } from '../errors.ts';
import { type Group, groupByLength, groupPadded, packBatch } from './batches.ts';
import { countProgress, type ScoreProgress } from './progress.ts';
import type { Sequences } from './sequences.ts';
import type { Session } from './session.ts';

export interface ScoringOptions {
  readonly padId: number;
  /** How many logits the model gives a sequence. */
  readonly labels: number;
  /** Sequences to leave out, because their logits are known. */
  readonly isKnown?: (sequence: number, inCompany: boolean) => boolean;
  readonly onScored?: (sequence: number, logits: Float32Array, inCompany: boolean) => void;
  /** After each batch. */
  readonly onBatch?: () => Promise<void>;
  readonly onAdvance?: ((progress: ScoreProgress) => void) | undefined;
}

/**
 * Runs groups of sequences, as `groupByLength` made them, and hands on the logits of each member. A GPU regroups them;
 * on the CPU a group of which only one member is unknown runs that one twice, for it must not be alone.
 */
export async function scoreGroups(
  sequences: Sequences,
  groups: readonly Group[],
  openSession: () => Promise<Session>,
  { padId, labels, isKnown = () => false, onScored, onBatch, onAdvance }: ScoringOptions,
): Promise<void> {
  const rows = countRows(sequences);
  const count = (members: readonly number[]) =>
    members.reduce((sum, sequence) => sum + (rows[sequence] ?? 0), 0);
  const unknown = groups.map((group) => group.filter((sequence) => !isKnown(sequence, group.length > 1)));
  const left = unknown.flat();
  const progress = countProgress(
    {
      rows: groups.reduce((sum, group) => sum + count(group), 0),
      tokens: left.reduce((sum, sequence) => sum + sequences.length(sequence), 0),
    },
    onAdvance,
  );
  progress.advance(groups.reduce((sum, group) => sum + count(group), 0) - count(left));
  if (left.length === 0) return;

  const session = await openSession();
  try {
    const batches =
      session.executionProvider === 'cpu'
        ? unknown.map((members, i) => keepCompany(members, groups[i] ?? []))
        : groupPadded(sequences, left);
    for (const batch of batches.filter(({ length }) => length > 0)) {
      const packed = packBatch(
        batch.map((sequence) => sequences.ids(sequence)),
        padId,
      );
      const { logits = new Float32Array() } = await session.run(packed, ['logits']);
      if (logits.length !== batch.length * labels) throw describeLabels(logits.length / batch.length, labels);
      for (const [i, sequence] of batch.entries())
        onScored?.(sequence, logits.subarray(i * labels, (i + 1) * labels), batch.length > 1);
      await onBatch?.();
      const distinct = [...new Set(batch)];
      progress.advance(
        count(distinct),
        distinct.reduce((sum, sequence) => sum + sequences.length(sequence), 0),
      );
    }
  } finally {
    await session.release();
  }
}

function describeLabels(found: number, expected: number): HubwrightError {
  return new HubwrightError(
    'INFERENCE',
    `the model gives ${found} logits a row, not ${expected === 1 ? 'one' : expected}`,
    {
      hint: 'hubwright score prints all of them; assemble and verify are for models of one score a row',
    },
  );
}

function keepCompany(members: Group, group: Group): Group {
  const [only] = members;
  return members.length === 1 && group.length > 1 && only !== undefined ? [only, only] : members;
}

function countRows(sequences: Sequences): Uint32Array {
  const rows = new Uint32Array(sequences.count);
  for (let row = 0; row < sequences.rows; row += 1) {
    const sequence = sequences.ofRow(row);
    rows[sequence] = (rows[sequence] ?? 0) + 1;
  }
  return rows;
}

/** All sequences as groups for the CPU, which are also the units that shards are dealt. */
export function groupAll(sequences: Sequences): Group[] {
  return groupByLength(sequences, Array(sequences.count).keys());
}
