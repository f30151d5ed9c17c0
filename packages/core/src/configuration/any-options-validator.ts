import { isOptionsObject, validateSafely } from './object-validator.ts';
import { listOptions, readOption } from './read-option.ts';
import { optional, type Validator } from './validator.ts';

const any: Validator<unknown> = (value) => value;

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
    const read = (key: string) => validateSafely(any, () => readOption(source, key), `${label}.${key}`, problems);
    return Object.fromEntries(listOptions(source).map((key) => [key, read(key)])) as T;
  };
}
