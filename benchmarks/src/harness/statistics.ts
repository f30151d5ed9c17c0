/** The median of many measurements, and their spread. */
export interface Summary {
  readonly median: number;
  /** The lower quartile: a quarter of the measurements lies below. */
  readonly p25: number;
  /** The upper quartile: a quarter of the measurements lies above. */
  readonly p75: number;
}

/** Returns the value below which a part `q` (0 to 1) of the values lies, interpolating between neighbours. @throws RangeError when there are no values */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('There is nothing to summarise.');
  return below + (above - below) * (position - Math.floor(position));
}

/** Summarises measurements by values that are robust against outliers. */
export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), p25: quantile(values, 0.25), p75: quantile(values, 0.75) };
}

/**
 * Divides each measurement by that of the reference in the same round.
 *
 * A disturbance slows both measurements of a round, and cancels out. @throws RangeError when the numbers of rounds differ
 */
export function ratiosTo(yardstick: readonly number[], values: readonly number[]): number[] {
  return values.map((value, round) => {
    const base = yardstick[round];
    if (base === undefined || base <= 0) throw new RangeError(`Round ${round + 1} has no measurement to compare with.`);
    return value / base;
  });
}
