import { createInstellixAxios } from '@instellix/axios-interceptor';
import { ConfigurationError, type InstellixClient } from '@instellix/core';
import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import type { CreateAxiosDefaults } from 'axios';
import { getInstellixClientToken } from '../client/instellix-client.token.ts';
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

const known = ['name', 'axios', 'isGlobal', 'imports'];

/** Registers an {@link InstellixHttpService} for a client that `InstellixModule` registers, with an Axios instance of its own. */
export class InstellixHttpModule {
  static {
    Module({})(InstellixHttpModule);
  }

  /** @throws ConfigurationError when there are options that do not exist; those of Axios belong into `axios` */
  static forRoot(options: InstellixHttpModuleOptions = {}): DynamicModule {
    const strangers = Object.keys(options).filter((key) => !known.includes(key));
    if (strangers.length > 0) {
      throw new ConfigurationError(
        strangers.map(
          (key) => `${key} is not an option of InstellixHttpModule.forRoot(): what is Axios' own belongs into axios.`,
        ),
      );
    }
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
