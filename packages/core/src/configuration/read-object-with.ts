import { describeType } from './describe-value.ts';
import type { Problems } from './problems.ts';
import type { Setting } from './setting.ts';

/** Reads an object that may be left out; it counts by its methods, whatever its class. */
export function readObjectWith<T>(
  methods: readonly (keyof T & string)[],
  { value, label }: Setting,
  problems: Problems,
): T | undefined {
  if (value === undefined || hasMethods(value, methods)) return value as T | undefined;
  problems.add(label, `must be an object with the methods ${methods.join(', ')}, not ${describeType(value)}`);
  return undefined;
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  try {
    return methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
  } catch {
    return false;
  }
}
