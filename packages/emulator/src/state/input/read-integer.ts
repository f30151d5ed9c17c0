import { invalid } from './invalid.ts';

/** Returns `value` after making sure that it is a whole number from `min` to `max`, both included. */
export function readInteger(value: unknown, where: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(
      where,
      `must be a whole number from ${min} to ${max}${typeof value === 'number' ? `, not ${value}` : ''}`,
    );
  }
  return value;
}
