import { invalid, shown } from './invalid.ts';

/** Returns `value` as a record after making sure that it holds nothing but the `known` fields. */
export function readObject(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) throw invalid(where, 'must be an object');
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw invalid(where, `has an unknown field ${shown(unknown)}; known fields are ${known.join(', ')}`);
  }
  return value;
}

/** Whether `value` is an object that only carries data: no array, no class instance such as Date or Map. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a test runner's vm context) has a foreign Object.prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
