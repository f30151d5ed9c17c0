import { ConfigurationError, type InstellixClient, type InstellixClientOptions } from '@instellix/core';
import { arrayOf, func, object, optional, readOptions, type Validator } from '@instellix/core/adapter';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Provider, Type } from '@nestjs/common';
import { selectOptions } from '../client/select-options.ts';

/** Whether the first token is obtained at startup, and what happens when that fails. */
export type Eager = false | 'warn' | 'fail';

/** The options of one client. Options of core that are left out are read from the `INSTELLIX_…` variables, as core does. */
export interface InstellixModuleOptions extends InstellixClientOptions {
  /** An existing client, instead of all options of core. The module does not close it. @default the module creates one, and closes it */
  readonly client?: InstellixClient | undefined;
  /**
   * Whether the first token is obtained before the application listens. When that fails, `warn` logs it and the application starts;
   * `fail` fails the bootstrap. Both wait at most `tokenRequest.maxWaitMs`. @default false: with the first call
   */
  readonly eager?: Eager | undefined;
}

/** The options that Nest needs before it calls any factory. */
export interface InstellixModuleExtras {
  /** The name for `@InjectInstellixClient(name)`. @default none: injected by the type `InstellixClient` */
  readonly name?: string | undefined;
  /** Whether all modules of the application can inject the client. @default true */
  readonly isGlobal?: boolean | undefined;
  /** Additional providers of the module, for the `inject` of its factory. @default none */
  readonly extraProviders?: readonly Provider[] | undefined;
}

/** The options of `InstellixModule.forRoot`. */
export interface InstellixModuleRootOptions extends InstellixModuleOptions, InstellixModuleExtras {}

/** A class that creates the options, for `useClass` and `useExisting`. */
export interface InstellixOptionsFactory {
  createInstellixOptions(): InstellixModuleOptions | Promise<InstellixModuleOptions>;
}

/** The options of `InstellixModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface InstellixModuleAsyncOptions extends InstellixModuleExtras, Pick<InstellixModuleOptions, 'eager'> {
  /** Modules whose providers `inject`, `useClass` or `useExisting` need. @default none */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** Returns the options. Its arguments are the providers in `inject`, none of which may be request-scoped. */
  readonly useFactory?: ((...args: never[]) => InstellixModuleOptions | Promise<InstellixModuleOptions>) | undefined;
  /** The providers with which `useFactory` is called. @default none */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** A class that the module instantiates. */
  readonly useClass?: Type<InstellixOptionsFactory> | undefined;
  /** A provider of one of the `imports`, or of a global module. */
  readonly useExisting?: InjectionToken<InstellixOptionsFactory> | undefined;
}

/** An array whose elements Nest checks. */
export function anyArray<Items extends readonly unknown[]>(): Validator<Items | undefined> {
  return arrayOf<unknown>((item) => item) as Validator<never>;
}

export const nameValidator: Validator<string | undefined> = optional<string>(
  'a non-empty string; leave it out for the unnamed client',
  (value) => typeof value === 'string' && value.trim() !== '',
);
export const isGlobalValidator: Validator<boolean | undefined> = optional<boolean>(
  'true or false',
  (value) => typeof value === 'boolean',
);
export const eagerValidator: Validator<Eager | undefined> = optional<Eager>("false, 'warn' or 'fail'", (value) =>
  [false, 'warn', 'fail'].includes(value),
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
 * Reads the options of `forRoot` that Nest needs. Core reads the others during the bootstrap.
 *
 * @throws ConfigurationError with all problems
 */
export function readExtras(options: InstellixModuleExtras): InstellixModuleExtras {
  const owner = 'InstellixModule.forRoot()';
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError([
      `${owner}: options must be an object; leave them out to use only the INSTELLIX_ variables.`,
    ]);
  }
  const given = selectOptions(options, Object.keys(extras));
  return readOptions(object<InstellixModuleExtras>(extras), given, (read) => read, owner);
}

/**
 * Reads the options of `forRootAsync`.
 *
 * @throws ConfigurationError with all problems
 */
export function readAsyncOptions(options: InstellixModuleAsyncOptions): InstellixModuleAsyncOptions {
  const checkSources = (given: InstellixModuleAsyncOptions, problems: string[]) => {
    if (problems.length > 0) return given;
    const present = sources.filter((key) => given[key] !== undefined);
    if (present.length !== 1) {
      const found = present.length > 1 ? `, not ${present.join(' and ')}` : '';
      problems.push(`it needs one of ${sources.join(', ')}${found}.`);
    } else if (present[0] !== 'useFactory' && given.inject?.length) {
      problems.push(`inject is only for useFactory: ${present[0]} names a provider, whose dependencies Nest injects.`);
    }
    return given;
  };
  return readOptions(asyncValidator, options, checkSources, 'InstellixModule.forRootAsync()');
}
