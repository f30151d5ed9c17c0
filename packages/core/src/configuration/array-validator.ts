import { optional, type Validator } from './validator.ts';

/** An array whose elements all have the same validator. The result is a copy. */
export function arrayOf<T>(validator: Validator<T>, minLength = 0): Validator<readonly T[] | undefined> {
  const array = optional<readonly unknown[]>(
    minLength === 0 ? 'an array' : `an array of at least ${minLength}`,
    (value) => Array.isArray(value) && value.length >= minLength,
  );
  return (value, label, problems) =>
    array(value, label, problems)?.map((element, index) => validator(element, `${label}[${index}]`, problems));
}
