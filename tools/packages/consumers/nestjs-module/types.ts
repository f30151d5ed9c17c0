import type { InstellixClient as CoreClient } from '@instellix/core';
import {
  getInstellixClientToken,
  InjectInstellixClient,
  InstellixClient,
  InstellixModule,
  type InstellixModuleOptions,
  type InstellixOptionsFactory,
} from '@instellix/nestjs-module';
import {
  getInstellixHttpServiceToken,
  InstellixHttpModule,
  InstellixHttpService,
} from '@instellix/nestjs-module/axios';
import { InstellixHealthIndicator } from '@instellix/nestjs-module/terminus';
import { provideInstellixClient } from '@instellix/nestjs-module/testing';
import type { INestApplication } from '@nestjs/common';
import { ConfigService, registerAs } from '@nestjs/config';

/** Fails to compile for `any`, which everything else accepts. */
type Exactly<T, Expected> = 0 extends 1 & T ? never : T extends Expected ? T : never;
const isExactly =
  <Expected>() =>
  <T>(_: Exactly<T, Expected>) => {};

export function use(app: INestApplication, client: CoreClient, health: InstellixHealthIndicator) {
  isExactly<InstellixClient>()(app.get(InstellixClient));
  isExactly<InstellixClient>()(app.get(getInstellixClientToken()));
  isExactly<InstellixClient>()(app.get(getInstellixClientToken('billing')));
  isExactly<InstellixHttpService>()(app.get(InstellixHttpService));
  isExactly<InstellixHttpService>()(app.get(getInstellixHttpServiceToken('billing')));
  isExactly<CoreClient>()(app.get(InstellixClient));
  const injected: InstellixClient = client;
  app.get(InstellixHttpService).get('/customers', { instellix: { requiredScope: 'customers:read' } });
  return [injected, health.isHealthy('instellix', { name: 'billing', timeoutMs: 100 })];
}

class Factory implements InstellixOptionsFactory {
  async createInstellixOptions(): Promise<InstellixModuleOptions> {
    return { environment: 'sandbox', eager: 'fail' };
  }
}

export class Consumer {
  @InjectInstellixClient('billing') readonly client!: InstellixClient;
}

const settings = registerAs('instellix', () => ({ environment: 'sandbox' as const, realm: 'acme' }));

export const modules = [
  InstellixModule.forRoot(),
  InstellixModule.forRoot({
    environment: 'sandbox',
    name: 'billing',
    isGlobal: false,
    eager: 'warn',
    extraProviders: [],
  }),
  InstellixModule.forRootAsync({ useClass: Factory }),
  InstellixModule.forRootAsync({ useExisting: Factory, name: 'billing' }),
  InstellixModule.forRootAsync(settings.asProvider()),
  InstellixModule.forRootAsync({
    inject: [ConfigService, { token: 'optional', optional: true }],
    useFactory: (config: ConfigService, realm?: string) => ({ realm: realm ?? config.getOrThrow<string>('REALM') }),
  }),
  InstellixHttpModule.forRoot({ name: 'billing', axios: { timeout: 1_000 } }),
  InstellixHttpModule.forRootAsync({
    inject: [ConfigService],
    useFactory: (config: ConfigService) => ({ timeout: Number(config.get('T')) }),
  }),
  provideInstellixClient({ name: 'billing', token: ['a', new Error('b')], fetch: () => new Response() }),
];

export const mistakes = [
  // @ts-expect-error: not an environment.
  InstellixModule.forRoot({ environment: 'local' }),
  // @ts-expect-error: the factory returns it.
  InstellixModule.forRootAsync({ useFactory: () => ({}), realm: 'acme' }),
  // @ts-expect-error: not such a factory.
  InstellixModule.forRootAsync({ useClass: Consumer }),
  // @ts-expect-error: not options.
  InstellixModule.forRootAsync({ useFactory: () => ({ realm: 7 }) }),
  // @ts-expect-error: an option of Axios itself.
  InstellixHttpModule.forRoot({ timeout: 1_000 }),
];
