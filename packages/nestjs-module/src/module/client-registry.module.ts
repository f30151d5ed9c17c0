import { Global, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ClientRegistry } from '../client/client-registry.service.ts';

/**
 * Holds the one registry of an application: Nest makes a module without options once per application.
 *
 * Global, because Nest ends the global modules last: a consumer in a module of any depth still has its client.
 */
export class ClientRegistryModule {
  static {
    Global()(ClientRegistryModule);
    Module({
      providers: [
        {
          provide: ClientRegistry,
          useFactory: (moduleRef: ModuleRef) => new ClientRegistry(moduleRef),
          inject: [ModuleRef],
        },
      ],
      exports: [ClientRegistry],
    })(ClientRegistryModule);
  }
}
