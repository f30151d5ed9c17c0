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

/** Reads a duration in milliseconds that may be left out; 0 is one only where it `mayBeZero`. */
export function readDuration(setting: Setting, mayBeZero: boolean, problems: Problems): number | undefined {
  const wanted = `of milliseconds ${mayBeZero ? 'from' : 'above'} 0 to ${longestMs}`;
  return readNumber(setting, wanted, (ms) => (mayBeZero ? ms >= 0 : ms > 0) && ms <= longestMs, problems);
}
