import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RequestRefusedError } from '@instellix/core';
import {
  getInstellixClientToken,
  InjectInstellixClient,
  InstellixClient,
  InstellixExceptionFilter,
  InstellixModule,
} from '@instellix/nestjs-module';
import { InstellixHttpModule, InstellixHttpService } from '@instellix/nestjs-module/axios';
import { InstellixHealthIndicator } from '@instellix/nestjs-module/terminus';
import { HttpModule } from '@nestjs/axios';
import { Controller, Get, Injectable, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { type AbstractHttpAdapter, APP_FILTER, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { firstValueFrom } from 'rxjs';

/** A token endpoint, and an API that responds with the token that it received. */
const server = createServer((request, response) => {
  const body = request.url?.endsWith('/oauth2/token')
    ? { access_token: 'packed', token_type: 'bearer', expires_in: 300 }
    : { authorization: request.headers.authorization };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
});

const settings = registerAs('instellix', () => ({
  environment: { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
  realm: 'acme',
  clientId: 'id',
  clientSecret: 'secret',
}));

@Injectable()
class Customers {
  constructor(
    private readonly client: InstellixClient,
    @InjectInstellixClient('billing') private readonly billing: InstellixClient,
    private readonly http: InstellixHttpService,
  ) {}

  async list(): Promise<unknown[]> {
    const byFetch = [this.client, this.billing].map(async (client) => (await client.fetch('/customers')).json());
    const byAxios = firstValueFrom(this.http.get<unknown>('/customers')).then(({ data }) => data);
    return Promise.all([...byFetch, byAxios]);
  }
}

@Controller()
class AppController {
  constructor(
    private readonly customers: Customers,
    private readonly health: HealthCheckService,
    private readonly instellix: InstellixHealthIndicator,
  ) {}

  @Get('customers')
  list(): Promise<unknown[]> {
    return this.customers.list();
  }

  @Get('refused')
  refuse(): never {
    throw new RequestRefusedError('insufficient_scope', 'for the operator');
  }

  @Get('health')
  @HealthCheck()
  check() {
    return this.health.check([() => this.instellix.isHealthy('instellix', { name: 'billing' })]);
  }
}

@Module({
  imports: [
    ConfigModule.forRoot({ ignoreEnvFile: true }),
    InstellixModule.forRootAsync(settings.asProvider()),
    InstellixModule.forRootAsync({ name: 'billing', ...settings.asProvider() }),
    InstellixHttpModule.forRoot(),
    HttpModule,
    TerminusModule,
  ],
  controllers: [AppController],
  providers: [Customers, InstellixHealthIndicator, { provide: APP_FILTER, useClass: InstellixExceptionFilter }],
})
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const refuse = async () => {
      throw new RequestRefusedError('insufficient_scope', 'for the operator');
    };
    consumer.apply(refuse).forRoutes('refused-by-middleware');
  }
}

/** Without an adapter, Nest uses Express. */
async function checkOn(adapter?: AbstractHttpAdapter): Promise<void> {
  const options = { logger: ['warn' as const], abortOnError: false };
  const app = await (adapter
    ? NestFactory.create(AppModule, adapter, options)
    : NestFactory.create(AppModule, options));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const get = async (path: string) => {
    const response = await fetch(url + path);
    const [type] = response.headers.get('content-type')?.split(';') ?? [];
    return { status: response.status, type, body: await response.json() };
  };

  const bearer = { authorization: 'Bearer packed' };
  assert.deepEqual(await get('/customers'), { status: 200, type: 'application/json', body: [bearer, bearer, bearer] });
  const refused = { title: 'Bad Gateway', status: 502, code: 'insufficient_scope' };
  for (const path of ['/refused', '/refused-by-middleware']) {
    assert.deepEqual(await get(path), { status: 502, type: 'application/problem+json', body: refused });
  }
  const health = (await get('/health')).body as { details: { instellix: { status: string } } };
  assert.equal(health.details.instellix.status, 'up');

  const client = app.get(getInstellixClientToken('billing'));
  await app.close();
  assert.equal(client.status().state, 'closed');
}

async function main(): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await checkOn();
  await checkOn(new FastifyAdapter());
  server.closeAllConnections();
  server.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
