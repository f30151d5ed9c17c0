import { ConfigurationError } from '@instellix/core';
import type { FactoryProvider, Provider } from '@nestjs/common';
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
  const { useFactory, inject = [], useClass, useExisting } = options;
  if (useFactory) return [provideOptions(useFactory as UseFactory, inject)];
  const factory = useClass ?? useExisting;
  const ask = (instance: unknown) => askFactory(instance, factory);
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
