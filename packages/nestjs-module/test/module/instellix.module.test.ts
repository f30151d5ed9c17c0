import { Inject, Injectable, Module, type ModuleMetadata, type OnApplicationShutdown, Scope } from '@nestjs/common';
import { ConfigModule, ConfigService, registerAs } from '@nestjs/config';
import { LazyModuleLoader, ModuleRef, REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  getInstellixClientToken,
  InjectInstellixClient,
  InstellixClient,
  InstellixModule,
  type InstellixModuleOptions,
  type InstellixOptionsFactory,
} from '../../src/index.ts';
import { boot, problemsOf } from '../application.ts';
import { emulate, optionsFor, unreachable } from '../credentials.ts';

afterEach(() => vi.unstubAllEnvs());

@Injectable()
class Orders {
  readonly client: InstellixClient;
  constructor(client: InstellixClient) {
    this.client = client;
  }
}

@Injectable()
class Invoices {
  readonly client: InstellixClient;
  @InjectInstellixClient('archive') readonly archive!: InstellixClient;
  constructor(@InjectInstellixClient('billing') client: InstellixClient) {
    this.client = client;
  }
}

class FixedOptions implements InstellixOptionsFactory {
  createInstellixOptions(): InstellixModuleOptions {
    return unreachable;
  }
}

const realmOf = (client: InstellixClient) => client.environment.tokenUrl.pathname.split('/')[1];

describe('options that are getters of a class count', () => {
  class Config {
    readonly #values = { ...unreachable, clientId: 'billing', realm: 'billing' };
    get environment() {
      return this.#values.environment;
    }
    get realm() {
      return this.#values.realm;
    }
    get clientId() {
      return this.#values.clientId;
    }
    get clientSecret() {
      return this.#values.clientSecret;
    }
  }
  class NamedConfig extends Config {
    get name() {
      return 'billing';
    }
  }
  class Options implements InstellixOptionsFactory {
    createInstellixOptions(): InstellixModuleOptions {
      return new Config();
    }
  }
  class AsyncOptions {
    get name() {
      return 'billing';
    }
    get useClass() {
      return Options;
    }
  }
  @Module({ providers: [Options], exports: [Options] })
  class OptionsModule {}
  const config = registerAs('billing', () => new Config());
  const load = [() => ({ instellix: { billing: new Config() } })];

  test.each<[string, () => NonNullable<ModuleMetadata['imports']>]>([
    ['given to forRoot', () => [InstellixModule.forRoot(new NamedConfig())]],
    ['of the options of forRootAsync', () => [InstellixModule.forRootAsync(new AsyncOptions())]],
    [
      'returned by useFactory',
      () => [InstellixModule.forRootAsync({ name: 'billing', useFactory: () => new Config() })],
    ],
    ['returned by useClass', () => [InstellixModule.forRootAsync({ name: 'billing', useClass: Options })]],
    [
      'returned by useExisting',
      () => [InstellixModule.forRootAsync({ name: 'billing', imports: [OptionsModule], useExisting: Options })],
    ],
    [
      'in the ConfigService',
      () => [
        ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load }),
        InstellixModule.forRootAsync({
          name: 'billing',
          inject: [ConfigService],
          useFactory: (values: ConfigService) => values.getOrThrow<Config>('instellix.billing'),
        }),
      ],
    ],
    [
      'registered with @nestjs/config',
      () => [
        ConfigModule.forRoot({ ignoreEnvFile: true }),
        InstellixModule.forRootAsync({ name: 'billing', ...config.asProvider() }),
      ],
    ],
  ])('%s', async (_, createImports) => {
    // The variables hold another credential, which a lost option would be replaced by.
    const variables = { API_URL: 'http://127.0.0.1:9', REALM: 'other', CLIENT_ID: 'other', CLIENT_SECRET: 'planted' };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(`INSTELLIX_${name}`, value);
    const application = await boot({ imports: createImports() });
    expect(realmOf(application.get(getInstellixClientToken('billing')))).toBe('billing');
  });
});

describe('a module that is imported without forRoot() fails the bootstrap with what to write instead,', () => {
  const isNamed = expect.stringMatching(
    /^InstellixModule is imported without forRoot\(\): write InstellixModule.forRoot\(\)/,
  );

  test('alone', async () => {
    expect(await problemsOf(() => boot({ imports: [InstellixModule] }))).toEqual([isNamed]);
  });

  test('in a feature module beside forRoot() in the root module', async () => {
    @Module({ imports: [InstellixModule], providers: [Orders] })
    class OrdersModule {}
    const imports = [InstellixModule.forRoot(unreachable), OrdersModule];
    expect(await problemsOf(() => boot({ imports }))).toEqual([isNamed]);
  });

  test('but a module may export the class to share what it imports with forRoot()', async () => {
    @Module({ imports: [InstellixModule.forRoot({ ...unreachable, isGlobal: false })], exports: [InstellixModule] })
    class SharedModule {}
    @Module({ imports: [SharedModule], providers: [Orders] })
    class OrdersModule {}
    const application = await boot({ imports: [OrdersModule] });
    expect(application.get(Orders, { strict: false }).client.status().state).toBe('missing');
  });
});

describe('a client', () => {
  test('is injected by its type alone', async () => {
    const application = await boot({ imports: [InstellixModule.forRoot(unreachable)], providers: [Orders] });
    expect(application.get(Orders).client).toBe(application.get(InstellixClient));
    expect(application.get(InstellixClient).environment.name).toBe('nowhere');
  });

  test('comes from the INSTELLIX_ variables when forRoot() has no arguments', async () => {
    const emulator = await emulate();
    for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
    const application = await boot({ imports: [InstellixModule.forRoot()] });
    expect((await application.get(InstellixClient).fetch('/customers')).status).toBe(200);
  });

  test('of a name is injected by that name, each with its own environment and credential', async () => {
    const application = await boot({
      imports: [
        InstellixModule.forRoot({ ...unreachable, name: 'billing', realm: 'billing' }),
        InstellixModule.forRoot({ ...unreachable, name: 'archive', realm: 'archive' }),
        InstellixModule.forRoot(unreachable),
      ],
      providers: [Orders, Invoices],
    });
    const { client, archive } = application.get(Invoices);
    expect([client, archive, application.get(Orders).client].map(realmOf)).toEqual(['billing', 'archive', 'acme']);
  });

  test('serves modules that do not import its module, unless it is not global', async () => {
    @Module({ providers: [Orders] })
    class OrdersModule {}
    await boot({ imports: [InstellixModule.forRoot(unreachable), OrdersModule] });
    const local = InstellixModule.forRoot({ ...unreachable, isGlobal: false });
    await expect(boot({ imports: [local, OrdersModule] })).rejects.toThrow(/resolve dependencies.*Orders/);
    await boot({ imports: [local], providers: [Orders] });
  });

  test('is the same object in singletons and in transient and request-scoped consumers', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class TransientOrders extends Orders {}
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable {
      readonly client: InstellixClient;
      @Inject(REQUEST) readonly request: unknown;
      constructor(client: InstellixClient) {
        this.client = client;
      }
    }
    const application = await boot({
      imports: [InstellixModule.forRoot(unreachable)],
      providers: [Orders, TransientOrders, Durable],
    });
    const consumers = [await application.resolve(TransientOrders), await application.resolve(Durable)];
    for (const { client } of consumers) expect(client).toBe(application.get(InstellixClient));
  });

  test('that exists already is registered as it is', async () => {
    const first = await boot({ imports: [InstellixModule.forRoot(unreachable)] });
    const client = first.get(InstellixClient);
    const second = await boot({ imports: [InstellixModule.forRoot({ client })] });
    expect(second.get(InstellixClient)).toBe(client);
  });

  test('can be registered by a module that is loaded lazily', async () => {
    const application = await boot({});
    const loaded = await application.get(LazyModuleLoader).load(() => InstellixModule.forRoot(unreachable));
    expect(loaded.get(InstellixClient).status().state).toBe('missing');
  });

  test.each([
    ['has wrong options', { name: 'lazy', realm: 7 }],
    ['has a name that is taken', unreachable],
  ])('keeps working when a lazily loaded module %s', async (_, options) => {
    const application = await boot({ imports: [InstellixModule.forRoot(unreachable)] });
    const load = () => application.get(LazyModuleLoader).load(() => InstellixModule.forRoot(options as object));
    expect(await problemsOf(load)).not.toHaveLength(0);
    expect(application.get(InstellixClient).status().state).toBe('missing');
  });
});

describe('options are created', () => {
  test('by a factory, with what it injects, asynchronously', async () => {
    const application = await boot({
      imports: [
        InstellixModule.forRootAsync({
          name: 'billing',
          extraProviders: [{ provide: 'realm', useValue: 'injected' }],
          inject: ['realm', { token: 'missing', optional: true }],
          useFactory: async (realm: string, missing?: string) => ({ ...unreachable, realm: realm + (missing ?? '') }),
        }),
      ],
    });
    expect(realmOf(application.get(getInstellixClientToken('billing')))).toBe('injected');
  });

  test('by a class, which may have dependencies of its own', async () => {
    @Injectable()
    class Configured implements InstellixOptionsFactory {
      readonly config: ConfigService;
      constructor(config: ConfigService) {
        this.config = config;
      }
      createInstellixOptions() {
        return Promise.resolve({ ...unreachable, realm: this.config.getOrThrow<string>('REALM') });
      }
    }
    const config = ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ REALM: 'configured' })] });
    const application = await boot({
      imports: [InstellixModule.forRootAsync({ imports: [config], useClass: Configured })],
    });
    expect(realmOf(application.get(InstellixClient))).toBe('configured');
  });

  test('by a provider that exists', async () => {
    @Module({ providers: [FixedOptions], exports: [FixedOptions] })
    class OptionsModule {}
    const application = await boot({
      imports: [InstellixModule.forRootAsync({ imports: [OptionsModule], useExisting: FixedOptions })],
    });
    expect(realmOf(application.get(InstellixClient))).toBe('acme');
  });

  test('by what @nestjs/config registers', async () => {
    const settings = registerAs('instellix', () => ({ ...unreachable, realm: 'registered' }));
    const application = await boot({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true }), InstellixModule.forRootAsync(settings.asProvider())],
    });
    expect(realmOf(application.get(InstellixClient))).toBe('registered');
  });
});

describe('a bootstrap fails with a ConfigurationError', () => {
  test('when options are missing: all of them at once', async () => {
    const problems = await problemsOf(() => boot({ imports: [InstellixModule.forRoot({ realm: 'acme' })] }));
    expect(problems.join('\n')).toMatch(/environment.*INSTELLIX_ENVIRONMENT[\s\S]*INSTELLIX_CLIENT_ID[\s\S]*SECRET/);
  });

  test('naming the client when it has a name', async () => {
    const problems = await problemsOf(() => boot({ imports: [InstellixModule.forRoot({ name: 'billing' })] }));
    expect(problems.length).toBeGreaterThan(2);
    for (const problem of problems) expect(problem).toMatch(/^client "billing": /);
  });

  test.each([
    ['the unnamed client', {}],
    ['client "billing"', { name: 'billing' }],
  ])('when two modules register %s', async (label, { name }: { name?: string }) => {
    const register = () => InstellixModule.forRootAsync({ name, useFactory: () => unreachable });
    const problems = await problemsOf(() => boot({ imports: [register(), register()] }));
    expect(problems).toEqual([expect.stringContaining(`registers ${label} twice`)]);
  });

  test('when two modules register one name, also when Nest identifies modules by a hash of their metadata', async () => {
    const register = () => InstellixModule.forRoot(unreachable);
    const options = { moduleIdGeneratorAlgorithm: 'deep-hash' } as const;
    expect(await problemsOf(() => boot({ imports: [register(), register()] }, options))).toHaveLength(1);
  });

  test.each([undefined, null, 'planted-secret'])('when a factory returns %j, also when eager is set', async (made) => {
    const useFactory = () => made as never;
    const module = InstellixModule.forRootAsync({ eager: 'warn', useFactory });
    const problems = await problemsOf(() => boot({ imports: [module] }));
    expect(problems).toEqual([expect.stringMatching(/must return an object, not .*\{\}/)]);
  });

  test('when a class has no createInstellixOptions()', async () => {
    class Wrong {
      createOptions() {}
    }
    const useClass = Wrong as never;
    const problems = await problemsOf(() => boot({ imports: [InstellixModule.forRootAsync({ useClass })] }));
    expect(problems).toEqual([expect.stringMatching(/^Wrong has no method createInstellixOptions\(\)/)]);
  });

  test.each([
    ['for each request', { scope: Scope.REQUEST }],
    ['for each tenant', { scope: Scope.REQUEST, durable: true }],
  ])('when a client would be created %s', async (_, scope) => {
    @Injectable(scope)
    class PerRequest {}
    const register = InstellixModule.forRootAsync({
      name: 'billing',
      extraProviders: [PerRequest],
      inject: [PerRequest],
      useFactory: () => unreachable,
    });
    const problems = await problemsOf(() => boot({ imports: [register] }));
    expect(problems).toEqual([expect.stringMatching(/client "billing" depend on a request-scoped provider/)]);
  });

  test('but not when its factory injects a transient provider, which is created once', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {}
    const useFactory = vi.fn((_: Transient) => unreachable);
    const module = InstellixModule.forRootAsync({ extraProviders: [Transient], inject: [Transient], useFactory });
    await boot({ imports: [module], providers: [Orders] });
    expect(useFactory).toHaveBeenCalledOnce();
  });
});

describe('applications in one process', () => {
  test('are independent: both may register the same name at the same time', async () => {
    const register = (realm: string) => InstellixModule.forRoot({ ...unreachable, realm, name: 'billing' });
    const applications = await Promise.all(['one', 'two'].map((realm) => boot({ imports: [register(realm)] })));
    const clients = applications.map((application) => application.get(getInstellixClientToken('billing')));
    expect(clients.map(realmOf)).toEqual(['one', 'two']);
    await applications[0]?.close();
    expect(clients.map((client) => client.status().state)).toEqual(['closed', 'missing']);
  });

  test('may share one module definition, and get a client each', async () => {
    const module = InstellixModule.forRoot(unreachable);
    const [one, two] = await Promise.all([boot({ imports: [module] }), boot({ imports: [module] })]);
    expect(one.get(InstellixClient)).not.toBe(two.get(InstellixClient));
  });

  test('may import one module definition in many modules, for one client', async () => {
    const module = InstellixModule.forRoot({ ...unreachable, isGlobal: false });
    @Module({ imports: [module], providers: [Orders], exports: [Orders] })
    class OrdersModule {}
    const application = await boot({ imports: [module, OrdersModule] });
    expect(application.get(Orders).client).toBe(application.get(InstellixClient));
  });
});

test('modules with equal factories stay different clients when Nest identifies modules by a hash of their metadata', async () => {
  const register = (name: string) => InstellixModule.forRoot({ ...unreachable, name, realm: name });
  const application = await boot(
    { imports: [register('one'), register('two')] },
    { moduleIdGeneratorAlgorithm: 'deep-hash' },
  );
  const realms = ['one', 'two'].map((name) => realmOf(application.get(getInstellixClientToken(name))));
  expect(realms).toEqual(['one', 'two']);
});

test.each([0, 5])(
  'a consumer %i modules below the root can use its client during the shutdown, because clients are closed last',
  async (depth) => {
    const emulator = await emulate();
    const statuses: number[] = [];
    @Injectable()
    class LastCall implements OnApplicationShutdown {
      readonly client: InstellixClient;
      constructor(client: InstellixClient) {
        this.client = client;
      }
      async onApplicationShutdown() {
        statuses.push((await this.client.fetch('/customers')).status);
      }
    }
    let metadata: ModuleMetadata = { providers: [LastCall] };
    for (let level = 0; level < depth; level++) {
      @Module(metadata)
      class OuterModule {}
      metadata = { imports: [OuterModule] };
    }
    const application = await boot({
      ...metadata,
      imports: [InstellixModule.forRoot(optionsFor(emulator)), ...(metadata.imports ?? [])],
    });
    const client = application.get(ModuleRef).get(InstellixClient, { strict: false });
    await application.close();
    expect(statuses).toEqual([200]);
    expect(client.status().state).toBe('closed');
  },
);
