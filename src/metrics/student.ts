/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;
/** The 97.5 % quantiles for 1 to 4 degrees of freedom, where the expansion is too coarse (to 8 digits). */
const FEW: readonly number[] = [12.70620474, 4.30265273, 3.18244631, 2.77644511];

/**
 * The 97.5 % quantile of Student's t: what half a 95 % interval has in standard errors. From the normal quantile by the
 * expansion of Abramowitz & Stegun 26.7.5; within 0.001 of the exact value.
 *
 * @param freedom degrees of freedom, a whole number of at least 1.
 */
export function quantileStudent95(freedom: number): number {
  const tabled = FEW[freedom - 1];
  if (tabled !== undefined) return tabled;
  const terms = [
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), Z);
}
