import { invalid } from '../state/validate.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Reads an amount and its unit into milliseconds. @throws InvalidInput */
export function readDurationField(amount: string, unit: string): number {
  const factor = UNITS.get(unit);
  const value = readWhole(amount, 'amount');
  if (value === undefined || factor === undefined) throw invalid('amount', 'must be a whole number with a unit');
  return value * factor;
}

/** Reads a whole number; `undefined` when nothing was given. @throws InvalidInput */
export function readWhole(text: string, where: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,12}$/.test(text)) throw invalid(where, 'must be a whole number');
  return Number(text);
}
