import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ClientRegistry } from '../client/client-registry.service.ts';
import type { ModuleOptionsContext } from '../client/create-client.ts';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import { createAsyncOptionsProviders, MODULE_OPTIONS } from './async-options.providers.ts';
import { readAsyncOptions, readExtras } from './check-module-options.ts';
import { ClientRegistryModule } from './client-registry.module.ts';
import type {
  InstellixModuleAsyncOptions,
  InstellixModuleExtras,
  InstellixModuleOptions,
  InstellixModuleRootOptions,
} from './instellix-module-options.interface.ts';

/**
 * Registers a client of instellix in an application; import it once for each client, all but one with a `name`.
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
export class InstellixModule {
  static {
    Module({})(InstellixModule);
  }

  /**
   * Registers a client whose options are known; without any, the `INSTELLIX_…` variables say it all.
   *
   * @throws ConfigurationError when `name`, `isGlobal` or `extraProviders` is not what it must be; other problems fail the bootstrap
   */
  static forRoot(options: InstellixModuleRootOptions = {}): DynamicModule {
    // A function: a module's metadata is printed and hashed, and the options may hold a secret.
    const optionsProvider = { provide: MODULE_OPTIONS, useFactory: () => options };
    return register(readExtras(options), [optionsProvider], { isStatic: true, eager: undefined });
  }

  /**
   * Registers a client whose options other providers make.
   *
   * @throws ConfigurationError when the arguments are not what they must be; problems of the options fail the bootstrap
   */
  static forRootAsync(options: InstellixModuleAsyncOptions): DynamicModule {
    const given = readAsyncOptions(options);
    return register(given, createAsyncOptionsProviders(given), { isStatic: false, eager: given.eager }, given.imports);
  }
}

function register(
  { name, isGlobal = true, extraProviders = [] }: InstellixModuleExtras,
  optionsProviders: readonly Provider[],
  context: ModuleOptionsContext,
  imports: DynamicModule['imports'] = [],
): DynamicModule {
  const token = getInstellixClientToken(name);
  return {
    module: InstellixModule,
    global: isGlobal,
    imports: [ClientRegistryModule, ...imports],
    providers: [
      // Nest's "deep-hash" takes modules of one shape for one module, whatever their functions return.
      { provide: MODULE_ID, useValue: crypto.randomUUID() },
      {
        provide: ANNOUNCEMENT,
        useFactory: (registry: ClientRegistry) => registry.registerModule(name),
        inject: [ClientRegistry],
      },
      ...extraProviders,
      ...optionsProviders,
      {
        provide: token,
        useFactory: (registry: ClientRegistry, options: InstellixModuleOptions) =>
          registry.create(name, options, context),
        inject: [ClientRegistry, MODULE_OPTIONS],
      },
    ],
    exports: [token],
  };
}

const MODULE_ID = Symbol('InstellixModule id');
const ANNOUNCEMENT = Symbol('InstellixModule announcement');
