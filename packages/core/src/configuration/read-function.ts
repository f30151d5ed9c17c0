import { describeType } from './describe-value.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** Reads a function that may be left out. */
export function readFunction<T>({ value, label }: Setting, problems: Problems): T | undefined {
  if (value === undefined || typeof value === 'function') return value as T | undefined;
  problems.add(label, `must be a function, not ${describeType(value)}`);
  return undefined;
}
