import { countLevels, type Levels } from './levels.ts';
import type { Series } from './series.ts';

/** How predictions order the pairs of rows, compared with the labels. */
export interface PairOrder {
  /** Pairs that both put in the same order. */
  readonly concordant: number;
  /** Pairs that they put in opposite orders. */
  readonly discordant: number;
  /** Pairs whose labels differ. */
  readonly labelsDiffer: number;
  /** Pairs whose predictions differ. */
  readonly predictionsDiffer: number;
}

/**
 * Counts all n(n-1)/2 pairs in O(n log n): rows are taken by rising label, and a binary indexed tree (Fenwick 1994) over
 * the predictions' levels says how many earlier rows were predicted lower and higher.
 *
 * @param weights how often each row counts; two counts of one row are a pair that ties in both.
 */
export function comparePairs(labels: Levels, predictions: Levels, weights?: Series): PairOrder {
  const { order } = labels;
  const tree = new Float64Array(predictions.count + 1);
  const tied = new Float64Array(predictions.count);
  let concordant = 0;
  let discordant = 0;
  let seen = 0;
  for (let start = 0; start < order.length; ) {
    const level = labels.of[order[start] as number];
    let end = start;
    let below = 0;
    let upTo = 0;
    let group = 0;
    // Rows of equal labels are no pair in order: all are compared before any is added.
    for (; end < order.length && labels.of[order[end] as number] === level; end += 1) {
      const row = order[end] as number;
      const weight = weights === undefined ? 1 : (weights[row] as number);
      if (weight === 0) continue;
      const place = predictions.of[row] as number;
      const lower = sumUpTo(tree, place);
      below += weight * lower;
      upTo += weight * (lower + (tied[place] as number));
      group += weight;
    }
    concordant += below;
    discordant += group * seen - upTo;
    for (let at = start; at < end; at += 1) {
      const row = order[at] as number;
      const weight = weights === undefined ? 1 : (weights[row] as number);
      if (weight === 0) continue;
      const place = predictions.of[row] as number;
      tied[place] = (tied[place] as number) + weight;
      addAt(tree, place + 1, weight);
    }
    seen += group;
    start = end;
  }
  return {
    concordant,
    discordant,
    labelsDiffer: countDifferingPairs(countLevels(labels, weights), seen),
    predictionsDiffer: countDifferingPairs(countLevels(predictions, weights), seen),
  };
}

/**
 * Kendall's τ-b, `(C - D) / √(pairs with different labels × pairs with different predictions)`, as
 * `scipy.stats.kendalltau`: in [-1, 1], no unit; null when labels or predictions are constant.
 */
export function correlateKendall(pairs: PairOrder): number | null {
  const { concordant, discordant, labelsDiffer, predictionsDiffer } = pairs;
  if (labelsDiffer === 0 || predictionsDiffer === 0) return null;
  const tau = (concordant - discordant) / Math.sqrt(labelsDiffer) / Math.sqrt(predictionsDiffer);
  return Math.max(-1, Math.min(1, tau));
}

/**
 * The share of pairs with different labels that the predictions put in the right order, a tie counting half: the
 * concordance index (Harrell 1982), `(Somers' D of the predictions + 1) / 2`. In [0, 1], 0.5 for a coin; null when all
 * labels are equal.
 */
export function measurePairwiseAccuracy({ concordant, discordant, labelsDiffer }: PairOrder): number | null {
  if (labelsDiffer === 0) return null;
  return (concordant + (labelsDiffer - concordant - discordant) / 2) / labelsDiffer;
}

function countDifferingPairs(counts: Float64Array, total: number): number {
  const same = counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  return (total * (total - 1)) / 2 - same;
}

function sumUpTo(tree: Float64Array, end: number): number {
  let sum = 0;
  for (let at = end; at > 0; at &= at - 1) sum += tree[at] as number;
  return sum;
}

function addAt(tree: Float64Array, place: number, weight: number): void {
  for (let at = place; at < tree.length; at += at & -at) tree[at] = (tree[at] as number) + weight;
}
