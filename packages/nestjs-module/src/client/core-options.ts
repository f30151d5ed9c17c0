import type { InstellixClientOptions } from '@instellix/core';
import { hasOption, readOption } from '@instellix/core/adapter';

/** The options of core, for reading an instance of a class by name. */
const coreKeys = [
  'environment',
  'realm',
  'clientId',
  'clientSecret',
  'store',
  'tokenRequest',
  'refresh',
  'fetch',
  'clock',
  'onEvent',
] as const satisfies readonly (keyof InstellixClientOptions)[];

/**
 * Copies options of core into an object that can be spread. Of an instance of a class, only options are read, getters included; of a
 * literal everything, so that core refuses what it does not know. An option that is present but undefined stays so.
 */
export function copyCoreOptions(options: InstellixClientOptions): InstellixClientOptions {
  if (isLiteral(options)) return { ...options };
  const present = coreKeys.filter((key) => hasOption(options, key));
  return Object.fromEntries(present.map((key) => [key, readOption(options, key)]));
}

/** Returns the names of the options that are set; of a literal, unknown ones as well. */
export function namesOfOptions(options: object): readonly string[] {
  const names: readonly string[] = isLiteral(options) ? Object.keys(options) : coreKeys;
  return names.filter((name) => readOption(options, name) !== undefined);
}

/**
 * Leaves options of a module out of a literal, so that core can refuse what it does not know. An instance of a class is returned as it
 * is: core reads it by name, so that its getters count, and ignores its other members.
 */
export function withoutModuleOptions(options: object, names: readonly string[]): object {
  if (!isLiteral(options)) return options;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(options));
  return Object.defineProperties({}, Object.fromEntries(properties.filter(([name]) => !names.includes(name))));
}

function isLiteral(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
