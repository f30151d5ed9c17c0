import { ConfigurationError } from '@instellix/core';
import { arrayOf, func, object, optional, readOptions, type Validator } from '@instellix/core/adapter';
import { eagerValidator } from '../client/eager.ts';
import type { InstellixModuleAsyncOptions, InstellixModuleExtras } from './instellix-module-options.interface.ts';

const anything: Validator<unknown> = (value) => value;

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

const extras = { name: nameValidator, isGlobal: isGlobalValidator, extraProviders: arrayOf(anything) };
const sources = ['useFactory', 'useClass', 'useExisting'] as const;
const asyncValidator = object({
  ...extras,
  imports: arrayOf(anything),
  inject: arrayOf(anything),
  eager: eagerValidator,
  useFactory: func(),
  useClass: func(),
  useExisting: anything,
});

/** @throws ConfigurationError with all that is wrong with what Nest must know before core reads the rest */
export function checkExtras(options: InstellixModuleExtras): void {
  const owner = 'InstellixModule.forRoot()';
  if (!isPlainObject(options)) {
    throw new ConfigurationError([
      `${owner}: options must be a plain object; leave them out when the INSTELLIX_ variables say it all.`,
    ]);
  }
  const { name, isGlobal, extraProviders } = options;
  readOptions(object(extras), { name, isGlobal, extraProviders }, Object, owner);
}

/** @throws ConfigurationError with all that is wrong with the arguments of `forRootAsync` */
export function checkAsyncOptions(options: InstellixModuleAsyncOptions): void {
  const checkSources = (given: object, problems: string[]) => {
    const present = sources.filter((key) => (given as Record<string, unknown>)[key] !== undefined);
    if (problems.length > 0) return;
    if (present.length !== 1) {
      problems.push(
        `it needs one of ${sources.join(', ')}${present.length > 1 ? `, not ${present.join(' and ')}` : ''}.`,
      );
    } else if (present[0] !== 'useFactory' && options.inject?.length) {
      problems.push(`inject is for useFactory: what ${present[0]} names has dependencies of its own.`);
    }
  };
  readOptions(asyncValidator, options, checkSources, 'InstellixModule.forRootAsync()');
}
