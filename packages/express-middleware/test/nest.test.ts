import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';
import { Controller, Get, type MiddlewareConsumer, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Request } from 'express';
import { expect, test } from 'vitest';
import { instellix, instellixHealth } from '../src/index.ts';

/** The decorators, applied by hand, because the test compiler does not support them. */
function createModule(client: InstellixClient) {
  class CustomersController {
    async list(request: Request): Promise<unknown> {
      return (await request.instellix.fetch('/customers')).json();
    }
  }
  const list = Object.getOwnPropertyDescriptor(CustomersController.prototype, 'list') as PropertyDescriptor;
  Get()(CustomersController.prototype, 'list', list);
  Req()(CustomersController.prototype, 'list', 0);
  Controller('customers')(CustomersController);

  class AppModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(instellixHealth(client)).forRoutes('health');
      consumer.apply(instellix(client)).forRoutes('{*all}');
    }
  }
  Module({ controllers: [CustomersController] })(AppModule);
  return AppModule;
}

test('a Nest application mounts the same middleware', async () => {
  await using emulator = await startEmulator();
  const { url, realm, clientId, clientSecret } = emulator;
  await using client = createInstellixClient({ environment: { apiUrl: url }, realm, clientId, clientSecret });
  const app = await NestFactory.create(createModule(client), { logger: false });
  try {
    await app.listen(0, '127.0.0.1');
    const origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    expect(await (await fetch(`${origin}/customers`)).json()).toMatchObject({ customers: expect.any(Array) });
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({ status: 'ok' });
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  } finally {
    await app.close();
  }
});
