import { readVariable, type VariableName } from './read-variable.ts';

/**
 * Checks one option. When the value is wrong, it adds a sentence to `problems` that says what the option must be.
 *
 * Its result is then not used, because the readers of options throw when there are problems. No sentence shows a string, because users
 * mix up ids and secrets. Nor does it show a number where a string is expected, because some secrets are numbers.
 */
export type Validator<T> = (value: unknown, label: string, problems: string[]) => T;

/** An option that may be left out. `expected` completes the sentence "… must be". */
export function optional<T>(
  expected: string,
  isValid: (value: T) => boolean,
  showsNumbers = false,
): Validator<T | undefined> {
  return (value, label, problems) => {
    if (value === undefined || isValid(value as T)) return value as T | undefined;
    const isShown = value === null || (showsNumbers && typeof value === 'number');
    const shown = isShown ? value : `a value of type ${typeOf(value)}`;
    problems.push(`${label} must be ${expected}${typeof value === 'string' ? '' : `, not ${shown}`}.`);
    return undefined;
  };
}

/** `Array`, `Promise` or the name of another built-in class, else as `typeof`: a tag that an object has chosen may be a secret. */
export function typeOf(value: unknown): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const builtIn = (globalThis as Record<string, unknown>)[tag];
  return typeof builtIn === 'function' && value instanceof builtIn ? tag : typeof value;
}

/** A string that a shell, a header and UTF-8 can carry. UTF-8 cannot encode lone surrogates. */
export function string(besides = '', pattern = /^/): Validator<string | undefined> {
  return optional<unknown>(
    `a non-empty string without control characters, lone surrogates, or leading or trailing whitespace${besides}`,
    (value) => typeof value === 'string' && /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u.test(value) && pattern.test(value),
  ) as Validator<string | undefined>;
}

/** An option that must be present. */
export function required<T>(validator: Validator<T | undefined>): Validator<T> {
  return (value, label, problems) => {
    if (value === undefined) problems.push(`${label} is missing: set it.`);
    return validator(value, label, problems) as T;
  };
}

/** An option that is read from an environment variable when it is left out. */
export function orVariable<T>(name: VariableName, validator: Validator<T>): Validator<T> {
  return (option, label, problems) =>
    validator(option === undefined ? readVariable(name) : option, `${label} (variable ${name})`, problems);
}

/** A number from `min` to `max`, both included. */
export function number(min: number, max: number): Validator<number | undefined> {
  return optional(
    `a number from ${min} to ${max}`,
    (value) => typeof value === 'number' && value >= min && value <= max,
    true,
  );
}

/** One of two values. */
export function oneOf<const First, const Second>(first: First, second: Second): Validator<First | Second | undefined> {
  return optional<unknown>(`${first} or ${second}`, (value) => value === first || value === second) as never;
}

/** A function. */
export function func<T>(): Validator<T | undefined> {
  return optional<T>('a function', (value) => typeof value === 'function');
}

/** An object of any class that has these methods. */
export function withMethods<T>(...methods: (keyof T & string)[]): Validator<T | undefined> {
  return optional<T>(`an object with the methods ${methods.join(', ')}`, (value) =>
    methods.every((method) => typeof value?.[method] === 'function'),
  );
}
