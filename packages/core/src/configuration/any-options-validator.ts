import { isOptionsObject, validateSafely } from './object-validator.ts';
import { listOptions, readOption } from './read-option.ts';
import { optional, type Validator } from './validator.ts';

/**
 * An object of options for another library, which knows their keys: a literal, a frozen object, or an instance of a class with getters.
 *
 * The result is a literal with the same options, because libraries such as Axios read only own enumerable keys.
 */
export function anyOptions<T extends object>(): Validator<T | undefined> {
  const isOptions = optional<T>('an object of options', isOptionsObject);
  return (value, label, problems) => {
    const source = isOptions(value, label, problems);
    if (source === undefined) return undefined;
    const entries = listOptions(source).map((key) => {
      return [
        key,
        validateSafely(
          (option) => option,
          () => readOption(source, key),
          `${label}.${key}`,
          problems,
        ),
      ];
    });
    return Object.fromEntries(entries) as T;
  };
}
