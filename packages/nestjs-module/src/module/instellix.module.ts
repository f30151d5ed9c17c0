import { ConfigurationError } from '@instellix/core';
import { type DynamicModule, type FactoryProvider, Inject, Module, Optional, type Provider } from '@nestjs/common';
import { ClientRegistry, ClientRegistryModule } from '../client/client-registry.service.ts';
import type { ModuleOptionsContext } from '../client/create-client.ts';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import {
  type InstellixModuleAsyncOptions,
  type InstellixModuleExtras,
  type InstellixModuleOptions,
  type InstellixModuleRootOptions,
  type InstellixOptionsFactory,
  readAsyncOptions,
  readExtras,
} from './instellix-module-options.ts';

/** The injection token of the values that `forRoot` and `forRootAsync` pass to the instance of the module. */
const REGISTRATION = Symbol('InstellixModule registration');

/** Where the options of a client come from. */
interface OptionsSource extends ModuleOptionsContext {
  readonly useFactory: (...args: unknown[]) => InstellixModuleOptions | Promise<InstellixModuleOptions>;
  readonly inject: NonNullable<FactoryProvider['inject']>;
  readonly providers?: readonly Provider[];
  readonly imports?: NonNullable<DynamicModule['imports']>;
}

/**
 * Registers an instellix client in an application. Import it once for each client; all but one need a `name`.
 *
 * @example
 * ```ts
 * import { Module } from '@nestjs/common';
 * import { InstellixModule } from '@instellix/nestjs-module';
 *
 * @Module({ imports: [InstellixModule.forRoot({ environment: 'sandbox' })] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class InstellixModule {
  constructor(
    @Optional() @Inject(REGISTRATION) registration?: Pick<InstellixModuleExtras, 'name'>,
    @Optional() @Inject(ClientRegistry) registry?: ClientRegistry,
  ) {
    if (!registration) {
      throw new ConfigurationError([
        'InstellixModule is imported without forRoot(): write InstellixModule.forRoot() or InstellixModule.forRootAsync({ … }), once, in the root module. Modules that only inject its client need not import it.',
      ]);
    }
    registry?.registerModule(registration.name);
  }

  /**
   * Registers a client whose options are known. Without options, it is configured by the `INSTELLIX_…` variables.
   *
   * @throws ConfigurationError when `name`, `isGlobal` or `extraProviders` is wrong. Other problems fail the bootstrap
   */
  static forRoot(options: InstellixModuleRootOptions = {}): DynamicModule {
    return register(readExtras(options), { useFactory: () => options, inject: [], isStatic: true, eager: undefined });
  }

  /**
   * Registers a client whose options a factory returns.
   *
   * @throws ConfigurationError when the arguments are wrong. Problems of the returned options fail the bootstrap
   */
  static forRootAsync(options: InstellixModuleAsyncOptions): DynamicModule {
    const given = readAsyncOptions(options);
    const { eager, imports = [] } = given;
    return register(given, { ...createSource(given), isStatic: false, eager, imports });
  }
}

function createSource(
  options: InstellixModuleAsyncOptions,
): Pick<OptionsSource, 'useFactory' | 'inject' | 'providers'> {
  const { useFactory, inject = [], useClass, useExisting } = options;
  if (useFactory) return { useFactory: useFactory as OptionsSource['useFactory'], inject: [...inject] };
  const token = useClass ?? (useExisting as NonNullable<typeof useExisting>);
  return {
    useFactory: (factory) => callOptionsFactory(factory, token),
    inject: [token],
    providers: useClass ? [useClass] : [],
  };
}

function callOptionsFactory(factory: unknown, token: unknown): ReturnType<OptionsSource['useFactory']> {
  const { createInstellixOptions } = Object(factory) as Partial<InstellixOptionsFactory>;
  if (typeof createInstellixOptions === 'function') return createInstellixOptions.call(factory);
  const name = typeof token === 'function' ? token.name : String(token);
  throw new ConfigurationError([
    `${name} has no method createInstellixOptions(): useClass and useExisting need an InstellixOptionsFactory.`,
  ]);
}

function register({ name, isGlobal = true, extraProviders = [] }: InstellixModuleExtras, source: OptionsSource) {
  const { useFactory, inject, providers = [], imports = [] } = source;
  const token = getInstellixClientToken(name);
  return {
    module: InstellixModule,
    global: isGlobal,
    imports: [ClientRegistryModule, ...imports],
    providers: [
      // With the id, Nest's "deep-hash" does not take two modules whose factories have the same source code for one.
      { provide: REGISTRATION, useValue: { name, id: crypto.randomUUID() } },
      ...extraProviders,
      ...providers,
      {
        provide: token,
        // The options are a part of this provider: when a test overrides the client, Nest does not call their factory.
        useFactory: async (registry: ClientRegistry, ...args: unknown[]) =>
          registry.create(name, await useFactory(...args), source),
        inject: [ClientRegistry, ...inject],
      },
    ],
    exports: [token],
  } satisfies DynamicModule;
}
