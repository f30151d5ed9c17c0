import { invalid } from '../state/validate.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Converts an amount and a unit to milliseconds. @throws InvalidInput */
export function readDurationField(amount: string, unit: string): number {
  const factor = UNITS.get(unit);
  const value = readWhole(amount, 'amount');
  if (value === undefined || factor === undefined)
    throw invalid('amount', 'must be a whole number, with one of the units');
  return value * factor;
}

/** Parses a whole number; `undefined` for an empty field. @throws InvalidInput */
export function readWhole(given: string, where: string): number | undefined {
  if (given === '') return undefined;
  if (!/^\d{1,12}$/.test(given)) throw invalid(where, 'must be a whole number');
  return Number(given);
}
