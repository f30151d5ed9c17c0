import { types } from 'node:util';
import { invalid } from './invalid.ts';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
/** The first instant of the year 10000: room for a lifetime of advancing after any start before it. */
const END = 253_402_300_800_000;

/** Reads the `clock` option into the epoch milliseconds at which the clock is frozen, or `undefined` for real time. */
export function readClockOption(value: unknown, where: string): number | undefined {
  if (value === undefined) return undefined;
  const instant = toInstant(value);
  if (instant === undefined || !Number.isFinite(instant) || instant < 0 || instant >= END) {
    throw invalid(
      where,
      'must be a Date, an ISO 8601 date such as "2026-01-31T12:00:00Z", or epoch ms, from 1970 to 9999',
    );
  }
  return Math.floor(instant);
}

function toInstant(value: unknown): number | undefined {
  if (types.isDate(value)) return value.getTime();
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && ISO_DATE.test(value)) return Date.parse(value);
  return undefined;
}
