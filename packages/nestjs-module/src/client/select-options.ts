import { hasOption } from '@instellix/core/adapter';

/** Core refuses unknown keys of a literal. The instance of a class may have members of its own. */
export function isLiteral(options: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(options);
  return prototype === Object.prototype || prototype === null;
}

/** Returns an object with only these options. They are read from the original, so that getters run there. */
export function selectOptions(options: object, keys: readonly string[]): object {
  const properties = keys
    .filter((key) => hasOption(options, key))
    .map((key) => [key, { enumerable: true, get: () => (options as Record<string, unknown>)[key] }] as const);
  return Object.defineProperties({}, Object.fromEntries(properties));
}

/** Returns options that core accepts: a literal without these keys, which core does not know, or the instance of a class as it is. */
export function omitOptions(options: object, keys: readonly string[]): object {
  if (!isLiteral(options)) return options;
  const others = Object.getOwnPropertyNames(options).filter((key) => !keys.includes(key));
  return selectOptions(options, others);
}
