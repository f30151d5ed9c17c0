import { describeValue } from './describe-value.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** Timers count in 32 bits. */
const longestMs = 2 ** 31 - 1;

/** Reads a number that may be left out; reports one that is not wanted. */
export function readNumber(
  { value, label }: Setting,
  wanted: string,
  isWanted: (value: number) => boolean,
  problems: Problems,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && isWanted(value)) return value;
  problems.add(label, `must be a number ${wanted}, not ${describeValue(value)}`);
  return undefined;
}

/** Reads a duration in milliseconds that may be left out, perhaps also 0. */
export function readDuration(setting: Setting, zero: 'or 0' | 'not 0', problems: Problems): number | undefined {
  return readNumber(
    setting,
    `of milliseconds ${zero === 'or 0' ? 'from' : 'above'} 0 to ${longestMs}`,
    (ms) => (zero === 'or 0' ? ms >= 0 : ms > 0) && ms <= longestMs,
    problems,
  );
}
