import { Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ClientRegistry } from '../client/client-registry.service.ts';

/** Holds the one registry of an application: Nest makes a module without options once per application. */
export class ClientRegistryModule {
  static {
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
