import { createInstellixAxios } from '@instellix/axios-interceptor';
import type { InstellixClient } from '@instellix/core';
import { func, object, optional, readOptions, required, type Validator } from '@instellix/core/adapter';
import {
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type OptionalFactoryDependency,
} from '@nestjs/common';
import type { CreateAxiosDefaults } from 'axios';
import { ClientRegistry } from '../client/client-registry.service.ts';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import { anyArray, isGlobalValidator, nameValidator } from '../module/check-module-options.ts';
import { getInstellixHttpServiceToken, InstellixHttpService } from './instellix-http.service.ts';

/** What Nest must know of an {@link InstellixHttpModule}. */
interface InstellixHttpModuleExtras {
  /** The name of the client whose API is called. @default the unnamed client */
  readonly name?: string | undefined;
  /** Whether all modules of the application see the service. @default true */
  readonly isGlobal?: boolean | undefined;
  /** Where the client comes from when its module is not global, and what `inject` names. @default none */
  readonly imports?: ModuleMetadata['imports'] | undefined;
}

/** The options of `InstellixHttpModule.forRoot`. */
export interface InstellixHttpModuleOptions extends InstellixHttpModuleExtras {
  /** The defaults of the Axios instance; a `baseURL` lies below the API's base. @default none */
  readonly axios?: CreateAxiosDefaults | undefined;
}

/** The options of `InstellixHttpModule.forRootAsync`. */
export interface InstellixHttpModuleAsyncOptions extends InstellixHttpModuleExtras {
  /** Makes the defaults of the Axios instance; its arguments are what `inject` names, in that order. */
  readonly useFactory: (...args: never[]) => CreateAxiosDefaults | Promise<CreateAxiosDefaults>;
  /** What `useFactory` is called with. @default nothing */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[] | undefined;
}

const extras = {
  name: nameValidator,
  isGlobal: isGlobalValidator,
  imports: anyArray<NonNullable<ModuleMetadata['imports']>>(),
};
const optionsValidator: Validator<InstellixHttpModuleOptions> = object({
  ...extras,
  axios: optional<object>('an object', (value) => typeof value === 'object' && value !== null),
});
const asyncOptionsValidator: Validator<InstellixHttpModuleAsyncOptions> = object({
  ...extras,
  inject: anyArray<NonNullable<InstellixHttpModuleAsyncOptions['inject']>>(),
  useFactory: required(func<InstellixHttpModuleAsyncOptions['useFactory']>()),
});

/** Registers an {@link InstellixHttpService} for a client that `InstellixModule` registers, with an Axios instance of its own. */
export class InstellixHttpModule {
  static {
    Module({})(InstellixHttpModule);
  }

  /**
   * Registers a service whose defaults are known.
   *
   * @throws ConfigurationError when the options are not what they must be; those of Axios itself belong into `axios`
   */
  static forRoot(options: InstellixHttpModuleOptions = {}): DynamicModule {
    const given = readOptions(optionsValidator, options, (read) => read, 'InstellixHttpModule.forRoot()');
    return register(given, { useFactory: () => given.axios });
  }

  /**
   * Registers a service whose defaults other providers make.
   *
   * @throws ConfigurationError when the options are not what they must be
   */
  static forRootAsync(options: InstellixHttpModuleAsyncOptions): DynamicModule {
    const given = readOptions(asyncOptionsValidator, options, (read) => read, 'InstellixHttpModule.forRootAsync()');
    const useFactory = given.useFactory as FactoryProvider['useFactory'];
    return register(given, { useFactory, inject: [...(given.inject ?? [])] });
  }
}

function register(
  { name, isGlobal = true, imports = [] }: InstellixHttpModuleExtras,
  defaults: Omit<FactoryProvider<CreateAxiosDefaults | undefined>, 'provide'>,
): DynamicModule {
  const token = getInstellixHttpServiceToken(name);
  return {
    module: InstellixHttpModule,
    global: isGlobal,
    imports,
    providers: [
      { provide: MODULE_ID, useValue: crypto.randomUUID() },
      {
        provide: RESERVATION,
        // A service of one module alone is in nobody's way; where tests provide the client themselves, there is no registry.
        useFactory: (registry?: ClientRegistry) =>
          isGlobal && registry?.reserveToken(token, labelOf(name), 'InstellixHttpModule'),
        inject: [{ token: ClientRegistry, optional: true }],
      },
      { provide: AXIOS_DEFAULTS, ...defaults },
      {
        provide: token,
        useFactory: (client: InstellixClient, axios?: CreateAxiosDefaults) =>
          new InstellixHttpService(createInstellixAxios(client, axios)),
        inject: [getInstellixClientToken(name), AXIOS_DEFAULTS],
      },
    ],
    exports: [token],
  };
}

function labelOf(name: string | undefined): string {
  return name === undefined ? 'the unnamed InstellixHttpService' : `the InstellixHttpService ${JSON.stringify(name)}`;
}

const MODULE_ID = Symbol('InstellixHttpModule id');
const RESERVATION = Symbol('InstellixHttpModule reservation');
const AXIOS_DEFAULTS = Symbol('InstellixHttpModule axios');
