import { readVariable } from './read-variable.ts';

/**
 * Reads one option; reports it, in a sentence that says what it must be, when it is something else.
 *
 * What it answers then is of no use, nor seen by anyone: whoever reads options throws when there are problems. No sentence
 * shows a text: ids and secrets get mixed up. Nor a number where a text is wanted: some secrets are.
 */
export type OptionRule<T> = (value: unknown, label: string, problems: string[]) => T;

/** An option that may be left out. */
export function optional<T>(
  wanted: string,
  isWanted: (value: T) => boolean,
  showsNumbers = false,
): OptionRule<T | undefined> {
  return (value, label, problems) => {
    if (value === undefined || isWanted(value as T)) return value as T | undefined;
    const isShown = value === null || (showsNumbers && typeof value === 'number');
    const shown = isShown ? value : `a value of type ${typeof value}`;
    problems.push(`${label} must be ${wanted}${typeof value === 'string' ? '' : `, not ${shown}`}.`);
    return undefined;
  };
}

/** A text that survives its way through a shell, a header and UTF-8, which has no form for lone surrogates. */
export function text(besides = '', pattern = /^/): OptionRule<string | undefined> {
  return optional<unknown>(
    `a text that is not empty, without control characters, lone surrogates, or white space around it such as a pasted line break${besides}`,
    (value) => typeof value === 'string' && /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u.test(value) && pattern.test(value),
  ) as OptionRule<string | undefined>;
}

/** An option that must be there. */
export function needed<T>(rule: OptionRule<T | undefined>): OptionRule<T> {
  return (value, label, problems) => {
    if (value === undefined) problems.push(`${label} is missing: set it.`);
    return rule(value, label, problems) as T;
  };
}

/** An option that a variable stands in for. */
export function orVariable<T>(name: string, rule: OptionRule<T>): OptionRule<T> {
  return (option, label, problems) =>
    rule(option === undefined ? readVariable(name) : option, `${label} (variable ${name})`, problems);
}

/** A number within limits, which both belong to it. */
export function number(least: number, most: number): OptionRule<number | undefined> {
  return optional(
    `a number from ${least} to ${most}`,
    (value) => typeof value === 'number' && value >= least && value <= most,
    true,
  );
}

/** One of two values. */
export function either<const First, const Second>(
  first: First,
  second: Second,
): OptionRule<First | Second | undefined> {
  return optional<unknown>(`${first} or ${second}`, (value) => value === first || value === second) as never;
}

/** A function. */
export function callable<T>(): OptionRule<T | undefined> {
  return optional<T>('a function', (value) => typeof value === 'function');
}

/** An object that counts by its methods, whatever its class. */
export function withMethods<T>(...methods: (keyof T & string)[]): OptionRule<T | undefined> {
  return optional<T>(`an object with the methods ${methods.join(', ')}`, (value) =>
    methods.every((method) => typeof value?.[method] === 'function'),
  );
}
