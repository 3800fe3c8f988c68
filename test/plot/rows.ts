/** Rows that look like a reward model's, the same on every machine. */
export function makeRows(n: number): { labels: number[]; predictions: number[] } {
  let state = 12;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  // The sum of uniform draws: no function of the platform's mathematics library takes part.
  const labels = Array.from({ length: n }, () => (draw() + draw()) / 2);
  const predictions = labels.map((label) => 0.15 + 0.7 * label + (draw() + draw() - 1) * 0.15);
  return { labels, predictions };
}
