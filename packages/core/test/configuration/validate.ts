import type { Validator } from '../../src/configuration/validator.ts';

/** Validates a value, and returns the result and the problems. */
export function validate<T>(validator: Validator<T>, value: unknown, label = 'option') {
  const problems: string[] = [];
  const result = validator(value, label, problems);
  return { result, problems };
}
