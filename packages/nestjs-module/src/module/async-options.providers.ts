import { ConfigurationError } from '@instellix/core';
import type { FactoryProvider, Provider } from '@nestjs/common';
import { isPlainObject } from './check-module-options.ts';
import type {
  InstellixModuleAsyncOptions,
  InstellixModuleOptions,
  InstellixOptionsFactory,
} from './instellix-module-options.interface.ts';

/** The injection token of a module's options, inside the module. */
export const MODULE_OPTIONS: unique symbol = Symbol('InstellixModule options');

type UseFactory = (...args: unknown[]) => InstellixModuleOptions | Promise<InstellixModuleOptions>;

/** Makes the providers that lead to the options of `forRootAsync`. */
export function createAsyncOptionsProviders(options: InstellixModuleAsyncOptions): Provider[] {
  const { useFactory, inject = [], useClass, useExisting, eager } = options;
  // What is no object is left as it is, for the one that makes the client to say so.
  const complete = (made: InstellixModuleOptions) =>
    isPlainObject(made) && made.eager === undefined && eager !== undefined ? { ...made, eager } : made;
  if (useFactory) {
    const make = useFactory as UseFactory;
    return [provideOptions(async (...args) => complete(await make(...args)), inject)];
  }
  const factory = useClass ?? useExisting;
  const ask = async (instance: unknown) => complete(await askFactory(instance, factory));
  const provider = provideOptions(ask, factory === undefined ? [] : [factory]);
  return useClass ? [provider, { provide: useClass, useClass }] : [provider];
}

function provideOptions(useFactory: UseFactory, inject: InstellixModuleAsyncOptions['inject']): FactoryProvider {
  return { provide: MODULE_OPTIONS, useFactory, inject: [...(inject ?? [])] };
}

function askFactory(instance: unknown, token: unknown): ReturnType<UseFactory> {
  const factory = instance as Partial<InstellixOptionsFactory> | null | undefined;
  if (typeof factory?.createInstellixOptions === 'function') return factory.createInstellixOptions();
  const name = typeof token === 'function' ? token.name : String(token);
  throw new ConfigurationError([
    `${name} has no method createInstellixOptions(): what useClass and useExisting name must implement InstellixOptionsFactory.`,
  ]);
}
