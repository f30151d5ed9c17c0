import { ConfigurationError } from '@instellix/core';
import { arrayOf, func, object, optional, readOption, readOptions, type Validator } from '@instellix/core/adapter';
import type { ModuleMetadata, Provider } from '@nestjs/common';
import { eagerValidator } from '../client/eager.ts';
import type { InstellixModuleAsyncOptions, InstellixModuleExtras } from './instellix-module-options.interface.ts';

/** An array whose items Nest checks. */
export function anyArray<Items extends readonly unknown[]>(): Validator<Items | undefined> {
  return arrayOf<unknown>((item) => item) as Validator<never>;
}

/** Whether something can be taken apart by its keys; lists, maps and functions have none, which would pass for options that are left out. */
export function isPlainObject(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** A name of a client; an empty one would be no name, and yet not the unnamed client. */
export const nameValidator: Validator<string | undefined> = optional<string>(
  'a text that is not empty; leave it out for the unnamed client',
  (value) => typeof value === 'string' && value.trim() !== '',
);
/** Whether all modules see what a module exports. */
export const isGlobalValidator: Validator<boolean | undefined> = optional<boolean>(
  'true or false',
  (value) => typeof value === 'boolean',
);

const extras = { name: nameValidator, isGlobal: isGlobalValidator, extraProviders: anyArray<readonly Provider[]>() };
const sources = ['useFactory', 'useClass', 'useExisting'] as const;
const asyncValidator: Validator<InstellixModuleAsyncOptions> = object({
  ...extras,
  imports: anyArray<NonNullable<ModuleMetadata['imports']>>(),
  inject: anyArray<NonNullable<InstellixModuleAsyncOptions['inject']>>(),
  eager: eagerValidator,
  useFactory: func<NonNullable<InstellixModuleAsyncOptions['useFactory']>>(),
  useClass: func<NonNullable<InstellixModuleAsyncOptions['useClass']>>(),
  useExisting: (value) => value as InstellixModuleAsyncOptions['useExisting'],
});

/**
 * Reads what Nest must know before core reads the rest.
 *
 * @throws ConfigurationError with all problems
 */
export function readExtras(options: InstellixModuleExtras): InstellixModuleExtras {
  const owner = 'InstellixModule.forRoot()';
  if (!isPlainObject(options)) {
    throw new ConfigurationError([
      `${owner}: options must be an object; leave them out when the INSTELLIX_ variables say it all.`,
    ]);
  }
  const given = Object.fromEntries(Object.keys(extras).map((key) => [key, readOption(options, key)]));
  return readOptions(object<InstellixModuleExtras>(extras), given, (read) => read, owner);
}

/**
 * Reads the arguments of `forRootAsync`.
 *
 * @throws ConfigurationError with all problems
 */
export function readAsyncOptions(options: InstellixModuleAsyncOptions): InstellixModuleAsyncOptions {
  const checkSources = (given: InstellixModuleAsyncOptions, problems: string[]) => {
    const present = sources.filter((key) => given[key] !== undefined);
    if (problems.length > 0) return given;
    if (present.length !== 1) {
      problems.push(
        `it needs one of ${sources.join(', ')}${present.length > 1 ? `, not ${present.join(' and ')}` : ''}.`,
      );
    } else if (present[0] !== 'useFactory' && given.inject?.length) {
      problems.push(`inject is for useFactory: what ${present[0]} names has dependencies of its own.`);
    }
    return given;
  };
  return readOptions(asyncValidator, options, checkSources, 'InstellixModule.forRootAsync()');
}
