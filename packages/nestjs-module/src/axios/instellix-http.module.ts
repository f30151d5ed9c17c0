import { createInstellixAxios } from '@instellix/axios-interceptor';
import type { InstellixClient } from '@instellix/core';
import { group, listOf, optional, readOptions } from '@instellix/core/options';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { CreateAxiosDefaults } from 'axios';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
import { isGlobalRule, nameRule } from '../module/check-module-options.ts';
import { getInstellixHttpServiceToken, InstellixHttpService } from './instellix-http.service.ts';

/** The options of `InstellixHttpModule.forRoot`. */
export interface InstellixHttpModuleOptions {
  /** The name of the client whose API is called. @default the unnamed client */
  readonly name?: string | undefined;
  /** The defaults of the Axios instance; a `baseURL` lies below the API's base. @default none */
  readonly axios?: CreateAxiosDefaults | undefined;
  /** Whether all modules of the application see the service. @default true */
  readonly isGlobal?: boolean | undefined;
  /** Where the client comes from when its module is not global. @default none */
  readonly imports?: ModuleMetadata['imports'] | undefined;
}

const optionsRule = group({
  name: nameRule,
  axios: optional<object>('an object', (value) => typeof value === 'object' && value !== null),
  isGlobal: isGlobalRule,
  imports: listOf<unknown>((value) => value),
});

/** Registers an {@link InstellixHttpService} for a client that `InstellixModule` registers, with an Axios instance of its own. */
export class InstellixHttpModule {
  static {
    Module({})(InstellixHttpModule);
  }

  /** @throws ConfigurationError when the options are not what they must be; those of Axios itself belong into `axios` */
  static forRoot(options: InstellixHttpModuleOptions = {}): DynamicModule {
    readOptions(optionsRule, options, Object, 'InstellixHttpModule.forRoot()');
    const { name, axios, isGlobal = true, imports = [] } = options;
    const token = getInstellixHttpServiceToken(name);
    return {
      module: InstellixHttpModule,
      global: isGlobal,
      imports,
      providers: [
        { provide: MODULE_ID, useValue: crypto.randomUUID() },
        {
          provide: token,
          useFactory: (client: InstellixClient) => new InstellixHttpService(createInstellixAxios(client, axios)),
          inject: [getInstellixClientToken(name)],
        },
      ],
      exports: [token],
    };
  }
}

const MODULE_ID = Symbol('InstellixHttpModule id');
