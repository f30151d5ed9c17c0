import type { InstellixClient, InstellixClientOptions } from '@instellix/core';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Provider, Type } from '@nestjs/common';

import type { Eager } from '../client/eager.ts';

/** What a module's client is made of; what is left out is read from the `INSTELLIX_…` variables, as core does. */
export interface InstellixModuleOptions extends InstellixClientOptions {
  /** A client that you have; it stays yours to close, and excludes all options of core. @default one that the module makes, and closes */
  readonly client?: InstellixClient | undefined;
  /**
   * Whether the first token is obtained before the application listens. `warn`: a failure is logged, and the application starts;
   * `fail`: it does not. Either waits at most `tokenRequest.maxWaitMs`. @default false: with the first call
   */
  readonly eager?: Eager | undefined;
}

/** What Nest must know of a module before any options are made. */
export interface InstellixModuleExtras {
  /** Tells several clients of one application apart; injected by `@InjectInstellixClient(name)`. @default none: injected by the type `InstellixClient` */
  readonly name?: string | undefined;
  /** Whether all modules of the application see the client. @default true */
  readonly isGlobal?: boolean | undefined;
  /** Providers of the module itself, for the `inject` of its factory. @default none */
  readonly extraProviders?: readonly Provider[] | undefined;
}

/** The options of `InstellixModule.forRoot`. */
export interface InstellixModuleRootOptions extends InstellixModuleOptions, InstellixModuleExtras {}

/** A class that makes the options, for `useClass` and `useExisting`. */
export interface InstellixOptionsFactory {
  createInstellixOptions(): InstellixModuleOptions | Promise<InstellixModuleOptions>;
}

/** The options of `InstellixModule.forRootAsync`: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface InstellixModuleAsyncOptions extends InstellixModuleExtras, Pick<InstellixModuleOptions, 'eager'> {
  /** Modules whose providers `inject`, `useClass` or `useExisting` need. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** Makes the options; its arguments are what `inject` names, in that order. Nothing request-scoped: a client is made once. */
  readonly useFactory?: ((...args: never[]) => InstellixModuleOptions | Promise<InstellixModuleOptions>) | undefined;
  /** What `useFactory` is called with. */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** A class that the module instantiates. */
  readonly useClass?: Type<InstellixOptionsFactory> | undefined;
  /** A provider of one of the `imports`, or of a global module. */
  readonly useExisting?: InjectionToken<InstellixOptionsFactory> | undefined;
}
