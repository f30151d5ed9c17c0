import { describeValue } from './describe-value.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** Reads one of two values; the first one when it is left out. */
export function readChoice<const First, const Second>(
  { value, label }: Setting,
  first: First,
  second: Second,
  problems: Problems,
): First | Second {
  if (value === second) return second;
  if (value !== undefined && value !== first) {
    problems.add(label, `must be ${first} or ${second}, not ${describeValue(value)}`);
  }
  return first;
}
