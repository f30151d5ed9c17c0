import { Body, Controller, Get, Post } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { expect, test } from 'vitest';
import { InjectInstellixClient, InstellixClient, InstellixExceptionFilter, InstellixModule } from '../src/index.ts';
import { listen } from './application.ts';
import { emulate, optionsFor } from './credentials.ts';

@Controller('customers')
class CustomersController {
  readonly reader: InstellixClient;
  readonly writer: InstellixClient;
  constructor(reader: InstellixClient, @InjectInstellixClient('writer') writer: InstellixClient) {
    this.reader = reader;
    this.writer = writer;
  }

  @Get()
  async list(): Promise<unknown> {
    return (await this.reader.fetch('/customers')).json();
  }

  @Post()
  async create(@Body() body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return (await this.writer.fetch('/customers', { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }
}

test('a service requests one token for each credential, survives a revoked token, and responds with 502 for a revoked credential', async () => {
  const emulator = await emulate({ throttleWindowMs: 0 });
  const reader = await emulator.credentials.create({ roles: ['reader'] });
  const writer = await emulator.credentials.create({ roles: ['writer'] });
  const tokenRequest = { minIntervalMs: 0 };
  const { application, url } = await listen({
    imports: [
      InstellixModule.forRoot({ ...optionsFor(emulator, reader), tokenRequest, eager: 'fail' }),
      InstellixModule.forRootAsync({
        name: 'writer',
        useFactory: async () => ({ ...optionsFor(emulator, writer), tokenRequest }),
      }),
    ],
    controllers: [CustomersController],
    providers: [{ provide: APP_FILTER, useClass: InstellixExceptionFilter }],
  });
  const list = async () => {
    const response = await fetch(`${url}/customers`);
    return { status: response.status, body: (await response.json()) as { customers?: object[]; code?: string } };
  };
  const post = () =>
    fetch(`${url}/customers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"Ada"}',
    });

  const responses = await Promise.all(Array.from({ length: 30 }, list));
  expect(responses.every(({ status }) => status === 200)).toBe(true);
  expect((await post()).status).toBe(201);
  expect((await list()).body.customers).toContainEqual(expect.objectContaining({ name: 'Ada' }));
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);

  await emulator.tokens.revokeAll();
  expect((await list()).status).toBe(200);
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(3);

  await emulator.credentials.revoke(reader.clientId);
  expect(await list()).toMatchObject({ status: 502, body: { code: 'credentials_rejected' } });
  await application.close();
  expect(await emulator.requests.count({ reason: 'wrong_secret' })).toBe(0);
});
