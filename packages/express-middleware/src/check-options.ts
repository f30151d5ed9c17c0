import { ConfigurationError, type InstellixClient } from '@instellix/core';

/** What an option must be, in words and as a test; what is left out has `undefined` for its value. */
export type OptionRule = readonly [wanted: string, isWanted: (value: unknown) => boolean];

/**
 * Checks options that have a rule each; other keys are refused, because a misspelt option would have no effect.
 *
 * @throws ConfigurationError with all problems
 */
export function checkOptions(owner: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  const names = Object.keys(rules);
  const isPlain = Object.prototype.toString.call(options) === '[object Object]';
  if (!isPlain || isClient(options)) {
    throw new ConfigurationError([
      `${owner}: the options must be a plain object with some of the keys ${names.join(', ')}.`,
    ]);
  }
  const given = options as Readonly<Record<string, unknown>>;
  const problems = names.flatMap((name) => {
    const [wanted, isWanted] = rules[name] as OptionRule;
    return isWanted(given[name]) ? [] : [`${owner}: ${name} must be ${wanted}.`];
  });
  for (const key of Object.keys(given)) {
    if (!names.includes(key))
      problems.push(`${owner}: there is no option ${JSON.stringify(key)}; there are ${names.join(', ')}.`);
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** The rule of an option that may be left out. */
export function optional([wanted, isWanted]: OptionRule): OptionRule {
  return [wanted, (value) => value === undefined || isWanted(value)];
}

export const aFunction: OptionRule = ['a function', (value) => typeof value === 'function'];

const clientMethods = ['getToken', 'peekToken', 'fetch', 'status', 'subscribe'] as const;

export const aClient: OptionRule = ['a client that createInstellixClient made', isClient];

/** By its methods, so that clients of another copy of core and those that tests make count as well. */
export function isClient(value: unknown): value is InstellixClient {
  return clientMethods.every((method) => typeof (value as InstellixClient | null | undefined)?.[method] === 'function');
}
