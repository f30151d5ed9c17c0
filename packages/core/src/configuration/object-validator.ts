import { ConfigurationError } from '../error/configuration-error.ts';
import { hasOption, readOption } from './read-option.ts';
import { typeOf, type Validator } from './validator.ts';

type Validators<T> = { readonly [key in keyof T]-?: Validator<T[key]> };

/**
 * An object of options, each with its validator: a literal, a frozen object, or an instance of a class with getters.
 *
 * Unknown keys of a literal are refused, because a misspelt option would have no effect. A class may have members of its own.
 *
 * @param neverUndefined keys that may be left out, but must not be present with the value undefined, as in `clientId: process.env.TYPO`
 */
export function object<T extends object>(
  validators: Validators<T>,
  neverUndefined: readonly (keyof T & string)[] = [],
): Validator<T> {
  const keys = Object.keys(validators);
  return (value = {}, label, problems) => {
    const isObject = isOptionsObject(value);
    const source: object = isObject ? value : {};
    const unknown = isLiteral(source) ? Object.keys(source).filter((key) => !keys.includes(key)) : [];
    if (!isObject || unknown.length > 0) {
      const fault = unknown.length > 0 ? `, not ${describeKeys(unknown)}` : '';
      problems.push(`${label} must be an object with some of the keys ${keys.join(', ')}${fault}.`);
    }
    const path = label === rootLabel ? '' : `${label}.`;
    const entries = Object.entries<Validator<unknown>>(validators).map(([key, validator]) => {
      const checked: Validator<unknown> = (option, keyLabel, found) => {
        const isUndefined =
          option === undefined && neverUndefined.some((name) => name === key) && hasOption(source, key);
        if (isUndefined) found.push(`${keyLabel} is present but undefined: give it a value, or leave the key out.`);
        return validator(option, keyLabel, isUndefined ? [] : found);
      };
      return [key, validateSafely(checked, () => readOption(source, key), path + key, problems)];
    });
    return Object.fromEntries(entries) as T;
  };
}

const rootLabel = 'options';

/**
 * Reads all options, each once.
 *
 * @param owner whose options they are, for the messages
 * @param complete computes the result from the options, and may add problems
 * @throws ConfigurationError with all problems
 */
export function readOptions<T, Result>(
  validator: Validator<T>,
  options: unknown,
  complete: (given: T, problems: string[]) => Result,
  owner = '',
): Result {
  const problems: string[] = [];
  const given = validateSafely(validator, () => options, rootLabel, problems);
  const result = complete(given, problems);
  throwIfAny(owner ? problems.map((problem) => `${owner}: ${problem}`) : problems);
  return result;
}

/**
 * Reads the arguments of a call. A wrong argument of a call is a `TypeError`, as with `fetch`.
 *
 * @throws TypeError with all problems
 */
export function readArguments<T>(validator: Validator<T>, value: unknown, label: string): T {
  const problems: string[] = [];
  const result = validateSafely(validator, () => value, label, problems);
  if (problems.length > 0) throw new TypeError(problems.join(' '));
  return result;
}

/** @throws ConfigurationError when there are problems */
export function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** Getters and proxy traps of a user's object may throw. Then the option counts as left out, and a problem is added. */
export function validateSafely<T>(validator: Validator<T>, read: () => unknown, label: string, problems: string[]): T {
  try {
    return validator(read(), label, problems);
  } catch {
    problems.push(`${label} throws when it is read: give a plain value.`);
    return validator(undefined, label, []);
  }
}

/** Instances of built-in classes, such as promises, arrays and maps, are no options. They would look like an empty object. */
export function isOptionsObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return /^object$/i.test(typeOf(value));
}

function isLiteral(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A key of another form may be a secret in the wrong place, so it is not shown. */
function describeKeys(keys: readonly string[]): string {
  return keys
    .map((key) => (/^[a-z][A-Za-z]{0,19}$/.test(key) ? `"${key}"` : 'a key that is not shown'))
    .slice(0, 5)
    .join(', ');
}
