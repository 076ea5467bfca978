package kiln.collectives;

/** How the ranks' elements become one. */
public enum Reduction {
  /** Integers wrap. */
  SUM,
  /** The sum divided by the number of ranks; integers are rounded towards zero. */
  AVERAGE,
  /** NaN if any rank has NaN. */
  MAX,
  /** NaN if any rank has NaN. */
  MIN
}
