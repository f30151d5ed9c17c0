import { createInstellixAxios } from '@instellix/axios-interceptor';
import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { anyOptions, func, object, readOptions, required, type Validator } from '@instellix/core/adapter';
import { HttpService } from '@nestjs/axios';
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  Optional,
  type OptionalFactoryDependency,
} from '@nestjs/common';
import type { AxiosInstance, CreateAxiosDefaults } from 'axios';
import { ClientRegistry } from '../client/client-registry.service.ts';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import { anyArray, isGlobalValidator, nameValidator } from '../module/instellix-module-options.ts';
import { getInstellixHttpServiceToken, InstellixHttpService } from './instellix-http.service.ts';

/** The options that Nest needs before it calls any factory. */
interface InstellixHttpModuleExtras {
  /** The name of the client whose API is called. @default the unnamed client */
  readonly name?: string | undefined;
  /** Whether all modules of the application can inject the service. @default true */
  readonly isGlobal?: boolean | undefined;
  /** The module of the client if it is not global, and the modules whose providers `inject` needs. @default none */
  readonly imports?: ModuleMetadata['imports'] | undefined;
}

/** The options of `InstellixHttpModule.forRoot`. */
export interface InstellixHttpModuleOptions extends InstellixHttpModuleExtras {
  /** The defaults of the Axios instance. A `baseURL` must be below the API's base. @default none */
  readonly axios?: CreateAxiosDefaults | undefined;
}

/** The options of `InstellixHttpModule.forRootAsync`. */
export interface InstellixHttpModuleAsyncOptions extends InstellixHttpModuleExtras {
  /** Returns the defaults of the Axios instance. Its arguments are the providers in `inject`. */
  readonly useFactory: (...args: never[]) => CreateAxiosDefaults | Promise<CreateAxiosDefaults>;
  /** The providers with which `useFactory` is called. @default none */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[] | undefined;
}

const extras = {
  name: nameValidator,
  isGlobal: isGlobalValidator,
  imports: anyArray<NonNullable<ModuleMetadata['imports']>>(),
};
const optionsValidator: Validator<InstellixHttpModuleOptions> = object({
  ...extras,
  axios: anyOptions<CreateAxiosDefaults>(),
});
const asyncOptionsValidator: Validator<InstellixHttpModuleAsyncOptions> = object({
  ...extras,
  inject: anyArray<NonNullable<InstellixHttpModuleAsyncOptions['inject']>>(),
  useFactory: required(func<InstellixHttpModuleAsyncOptions['useFactory']>()),
});

/** What a factory returns. */
const defaultsValidator: Validator<CreateAxiosDefaults> = (value, _, problems) =>
  required(anyOptions<CreateAxiosDefaults>())(value, 'its result', problems);

/** The injection token of the values that `forRoot` and `forRootAsync` pass to the instance of the module. */
const REGISTRATION = Symbol('InstellixHttpModule registration');

/** Registers an {@link InstellixHttpService}, with its own Axios instance, for a client that `InstellixModule` registers. */
@Module({})
export class InstellixHttpModule {
  constructor(
    @Optional() @Inject(REGISTRATION) registration?: Pick<InstellixHttpModuleExtras, 'name' | 'isGlobal'>,
    @Optional() @Inject(ClientRegistry) registry?: ClientRegistry,
  ) {
    if (!registration) {
      throw new ConfigurationError([
        'InstellixHttpModule is imported without forRoot(): write InstellixHttpModule.forRoot() or InstellixHttpModule.forRootAsync({ … }), once, in the root module. Modules that only inject its service need not import it.',
      ]);
    }
    const { name, isGlobal } = registration;
    // There is no registry where a test provides the client itself.
    if (isGlobal) registry?.reserveToken(getInstellixHttpServiceToken(name), describeService(name));
  }

  /**
   * Registers a service whose Axios defaults are known.
   *
   * @throws ConfigurationError when the options are wrong; options of Axios belong in `axios`
   */
  static forRoot(options: InstellixHttpModuleOptions = {}): DynamicModule {
    const given = readOptions(optionsValidator, options, (read) => read, 'InstellixHttpModule.forRoot()');
    return register(given, { useFactory: () => given.axios });
  }

  /**
   * Registers a service whose Axios defaults a factory returns.
   *
   * @throws ConfigurationError when the options are wrong
   */
  static forRootAsync(options: InstellixHttpModuleAsyncOptions): DynamicModule {
    const given = readOptions(asyncOptionsValidator, options, (read) => read, 'InstellixHttpModule.forRootAsync()');
    const createDefaults = given.useFactory as FactoryProvider['useFactory'];
    const owner = `the factory of ${describeService(given.name)}`;
    const useFactory = async (...args: unknown[]) =>
      readOptions(defaultsValidator, await createDefaults(...args), (read) => read, owner);
    return register(given, { useFactory, inject: [...(given.inject ?? [])] });
  }
}

function register(
  { name, isGlobal = true, imports = [] }: InstellixHttpModuleExtras,
  { useFactory, inject = [] }: Pick<FactoryProvider<CreateAxiosDefaults | undefined>, 'useFactory' | 'inject'>,
): DynamicModule {
  const token = getInstellixHttpServiceToken(name);
  return {
    module: InstellixHttpModule,
    global: isGlobal,
    imports,
    providers: [
      // With the id, Nest's "deep-hash" does not take two modules whose factories have the same source code for one.
      { provide: REGISTRATION, useValue: { name, isGlobal, id: crypto.randomUUID() } },
      {
        provide: token,
        useFactory: async (client: InstellixClient, ...args: unknown[]) =>
          new InstellixHttpService(createAxios(client, await useFactory(...args), describeService(name))),
        inject: [getInstellixClientToken(name), ...inject],
      },
    ],
    exports: [token],
  };
}

/** @throws ConfigurationError with the label of the service */
function createAxios(client: InstellixClient, defaults: CreateAxiosDefaults | undefined, label: string): AxiosInstance {
  try {
    return createInstellixAxios(client, defaults, { axios: axiosOfNest() });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(error.problems.map((problem) => `${label}: ${problem}`));
  }
}

/** Axios has a build for ESM and one for CommonJS, each with its own classes. Errors must be of the build that `@nestjs/axios` uses. */
function axiosOfNest(): AxiosInstance {
  return new HttpService().axiosRef;
}

function describeService(name: string | undefined): string {
  return name === undefined ? 'the unnamed InstellixHttpService' : `the InstellixHttpService ${JSON.stringify(name)}`;
}
