import { until } from '@instellix/testing';
import { FakeApi } from '@instellix/testing/servers';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import type { AxiosStatic } from 'axios';
import { firstValueFrom, type Subscription } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  getInstellixHttpServiceToken,
  InjectInstellixHttpService,
  InstellixHttpModule,
  InstellixHttpService,
} from '../../src/axios/index.ts';
import { InstellixModule } from '../../src/index.ts';
import { boot, problemsOf } from '../application.ts';
import { emulate, optionsFor, unreachable } from '../credentials.ts';

@Injectable()
class Customers {
  readonly http: InstellixHttpService;
  constructor(http: InstellixHttpService) {
    this.http = http;
  }
}

test.each([
  ['the unnamed InstellixHttpService', undefined],
  ['the InstellixHttpService "billing"', 'billing'],
])('two global modules with %s fail the bootstrap', async (label, name) => {
  const client = InstellixModule.forRoot({ ...unreachable, name });
  const register = () => InstellixHttpModule.forRoot({ name });
  const problems = await problemsOf(() => boot({ imports: [client, register(), register()] }));
  expect(problems).toEqual([expect.stringContaining(`registers ${label} twice`)]);
});

describe('an HttpService', () => {
  test('is injected by its type, calls the API of the client, and keeps the interface of @nestjs/axios', async () => {
    const emulator = await emulate();
    const application = await boot({
      imports: [InstellixModule.forRoot(optionsFor(emulator)), InstellixHttpModule.forRoot()],
      providers: [Customers],
    });
    const { http } = application.get(Customers);
    expect(http).toBeInstanceOf(HttpService);
    const created = await firstValueFrom(http.post<{ name: string }>('/customers', { name: 'Ada' }));
    expect([created.status, created.data.name]).toEqual([201, 'Ada']);
    expect(http.axiosRef.defaults.baseURL).toMatch(emulator.url);
  });

  test('of a name calls the API of that client, with defaults of its own', async () => {
    const emulator = await emulate();
    const writer = await emulator.credentials.create({ roles: ['writer'] });
    const reader = await emulator.credentials.create({ roles: ['reader'] });
    @Injectable()
    class Both {
      @InjectInstellixHttpService('writer') readonly writer!: InstellixHttpService;
      @InjectInstellixHttpService('reader') readonly reader!: InstellixHttpService;
    }
    const application = await boot({
      imports: [
        InstellixModule.forRoot({ ...optionsFor(emulator, writer), name: 'writer' }),
        InstellixModule.forRoot({ ...optionsFor(emulator, reader), name: 'reader' }),
        InstellixHttpModule.forRoot({ name: 'writer' }),
        InstellixHttpModule.forRoot({ name: 'reader', axios: { timeout: 1_234, validateStatus: () => true } }),
      ],
      providers: [Both],
    });
    const both = application.get(Both);
    const statuses = [both.writer, both.reader].map((http) => firstValueFrom(http.post('/customers', { name: 'Ada' })));
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([201, 403]);
    expect([both.writer, both.reader].map(({ axiosRef }) => axiosRef.defaults.timeout)).toEqual([0, 1_234]);
    expect(application.get(getInstellixHttpServiceToken('reader'))).toBe(both.reader);
  });

  test('gets its defaults from a factory', async () => {
    const config = ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ TIMEOUT: 1_234 })] });
    const application = await boot({
      imports: [
        InstellixModule.forRoot(unreachable),
        InstellixHttpModule.forRootAsync({
          imports: [config],
          inject: [ConfigService],
          useFactory: (values: ConfigService) => ({ timeout: values.getOrThrow<number>('TIMEOUT') }),
        }),
      ],
    });
    expect(application.get(InstellixHttpService).axiosRef.defaults.timeout).toBe(1_234);
  });

  test('rejects with errors of the Axios build that @nestjs/axios uses: CommonJS with Nest 11, ESM with Nest 12', async () => {
    const emulator = await emulate();
    const application = await boot({
      imports: [InstellixModule.forRoot(optionsFor(emulator)), InstellixHttpModule.forRoot()],
    });
    const { AxiosError } = new HttpService().axiosRef as AxiosStatic;
    const call = firstValueFrom(application.get(InstellixHttpService).get('/nothing'));
    await expect(call).rejects.toBeInstanceOf(AxiosError);
  });

  test('gets its options from an instance of a class with getters', async () => {
    class Options {
      readonly #timeout = 1_234;
      get axios() {
        return { timeout: this.#timeout };
      }
    }
    const application = await boot({
      imports: [InstellixModule.forRoot(unreachable), InstellixHttpModule.forRoot(new Options())],
    });
    expect(application.get(InstellixHttpService).axiosRef.defaults.timeout).toBe(1_234);
  });

  describe('gets its defaults from an instance of a class with getters', () => {
    class Defaults {
      readonly #timeout = 1_234;
      get timeout() {
        return this.#timeout;
      }
      get headers() {
        return { 'x-own': 'planted' };
      }
      validateStatus() {
        return true;
      }
    }

    test.each([
      ['of forRoot', () => InstellixHttpModule.forRoot({ axios: new Defaults() })],
      ['that a factory returns', () => InstellixHttpModule.forRootAsync({ useFactory: async () => new Defaults() })],
    ])('%s', async (_, register) => {
      const fakeApi = await FakeApi.start();
      onTestFinished(() => fakeApi.close());
      const environment = { apiUrl: fakeApi.apiUrl };
      const application = await boot({
        imports: [InstellixModule.forRoot({ ...unreachable, environment }), register()],
      });
      const http = application.get(InstellixHttpService);
      expect(http.axiosRef.defaults.timeout).toBe(1_234);
      fakeApi.respond = (_request, response) => void response.writeHead(404).end();
      expect((await firstValueFrom(http.get('/x'))).status).toBe(404);
      expect(fakeApi.requests[0]).toMatchObject({ headers: { 'x-own': 'planted' } });
    });
  });

  test('of one module has the defaults of that module, also when Nest identifies modules by a hash of their metadata', async () => {
    const createModule = (timeout: number) => {
      const http = InstellixHttpModule.forRoot({ isGlobal: false, axios: { timeout } });
      @Injectable()
      class Client extends Customers {}
      @Module({ imports: [http], providers: [Client] })
      class ClientModule {}
      return { ClientModule, Client };
    };
    const [one, two] = [createModule(1), createModule(2)];
    const application = await boot(
      { imports: [InstellixModule.forRoot(unreachable), one.ClientModule, two.ClientModule] },
      { moduleIdGeneratorAlgorithm: 'deep-hash' },
    );
    const services = [one, two].map(({ Client }) => application.get(Client, { strict: false }).http);
    expect(services.map(({ axiosRef }) => axiosRef.defaults.timeout)).toEqual([1, 2]);
  });

  test('does not change the HttpService of the application, which sends no token', async () => {
    const fakeApi = await FakeApi.start();
    onTestFinished(() => fakeApi.close());
    const application = await boot({
      imports: [InstellixModule.forRoot(unreachable), InstellixHttpModule.forRoot(), HttpModule],
    });
    await firstValueFrom(application.get(HttpService).get(fakeApi.origin));
    expect(fakeApi.requests.map(({ authorization }) => authorization)).toEqual([[]]);
  });

  test('gets a client that is not global from its imports, and need not be global itself', async () => {
    const local = InstellixModule.forRoot({ ...unreachable, isGlobal: false });
    @Module({ imports: [InstellixHttpModule.forRoot({ imports: [local], isGlobal: false })], providers: [Customers] })
    class CustomersModule {}
    const application = await boot({ imports: [CustomersModule] });
    expect(application.get(Customers, { strict: false }).http).toBeInstanceOf(InstellixHttpService);
    await expect(boot({ imports: [CustomersModule], providers: [Customers] })).rejects.toThrow(/resolve dependencies/);
  });
});

describe('an observable', () => {
  test('makes one call for each subscription, and none before', async () => {
    const emulator = await emulate();
    const application = await boot({
      imports: [InstellixModule.forRoot(optionsFor(emulator)), InstellixHttpModule.forRoot()],
    });
    const customers = application.get(InstellixHttpService).get('/customers');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await emulator.requests.count()).toBe(0);
    await firstValueFrom(customers);
    await firstValueFrom(customers);
    expect(await emulator.requests.count({ endpoint: 'GET /customers' })).toBe(2);
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });

  test('aborts its call when the subscriber unsubscribes, as @nestjs/axios does', async () => {
    const fakeApi = await FakeApi.start();
    onTestFinished(() => fakeApi.close());
    fakeApi.respond = () => {};
    const environment = { apiUrl: fakeApi.apiUrl };
    const application = await boot({
      imports: [InstellixModule.forRoot({ ...unreachable, environment }), InstellixHttpModule.forRoot()],
    });
    const subscription: Subscription = application.get(InstellixHttpService).get('/slow').subscribe();
    await until(() => fakeApi.requests.length === 1);
    subscription.unsubscribe();
    await until(() => fakeApi.abandoned === 1);
  });

  test('stops waiting for a token when the subscriber unsubscribes, and sends nothing later', async () => {
    const emulator = await emulate();
    await emulator.faults.add({ on: 'token', delayMs: 50 });
    const application = await boot({
      imports: [InstellixModule.forRoot(optionsFor(emulator)), InstellixHttpModule.forRoot()],
    });
    const http = application.get(InstellixHttpService);
    const subscription = http.get('/some-resource').subscribe();
    const patient = firstValueFrom(http.get('/customers'));
    await emulator.requests.count();
    subscription.unsubscribe();
    expect((await patient).status).toBe(200);
    expect(await emulator.requests.count({ endpoint: 'GET /some-resource' })).toBe(0);
  });
});

describe('a mistake gets one clear error:', () => {
  test('a module that is imported without forRoot()', async () => {
    const imports = [InstellixModule.forRoot(unreachable), InstellixHttpModule];
    expect(await problemsOf(() => boot({ imports }))).toEqual([
      expect.stringMatching(
        /^InstellixHttpModule is imported without forRoot\(\): write InstellixHttpModule\.forRoot\(\)/,
      ),
    ]);
  });

  test('options of Axios beside those of the module', async () => {
    const problems = await problemsOf(() => InstellixHttpModule.forRoot({ timeout: 1_000 } as object));
    expect(problems).toEqual([expect.stringMatching(/^InstellixHttpModule.*isGlobal, imports, axios, not "timeout"/)]);
  });

  test('a factory that is missing', async () => {
    const problems = await problemsOf(() => InstellixHttpModule.forRootAsync({} as never));
    expect(problems).toEqual(['InstellixHttpModule.forRootAsync(): useFactory is missing: set it.']);
  });

  test.each<[unknown]>([['x'], [5], [null], [[]], [() => ({})], [Promise.resolve({})]])(
    'defaults that are no object: %j',
    async (axios) => {
      expect(await problemsOf(() => InstellixHttpModule.forRoot({ axios } as never))).toEqual([
        expect.stringMatching(/^InstellixHttpModule\.forRoot\(\): axios must be an object of options/),
      ]);
    },
  );

  test.each([
    ['x', 'must be an object of options.'],
    [[], 'must be an object of options, not a value of type Array.'],
    [undefined, 'is missing: set it.'],
  ])('a factory that returns %j', async (result, fault) => {
    const http = InstellixHttpModule.forRootAsync({ name: 'billing', useFactory: () => result as never });
    const client = InstellixModule.forRoot({ ...unreachable, name: 'billing' });
    expect(await problemsOf(() => boot({ imports: [client, http] }))).toEqual([
      `the factory of the InstellixHttpService "billing": its result ${fault}`,
    ]);
  });

  test.each([
    ['forRoot', (axios: object) => InstellixHttpModule.forRoot({ axios })],
    ['forRootAsync', (axios: object) => InstellixHttpModule.forRootAsync({ useFactory: () => axios })],
  ])('%s with a base URL that is not the API’s', async (_, register) => {
    const http = register({ baseURL: 'https://elsewhere.example/?planted' });
    const problems = await problemsOf(() => boot({ imports: [InstellixModule.forRoot(unreachable), http] }));
    expect(problems).toEqual([expect.stringMatching(/^the unnamed InstellixHttpService: baseURL .* not below http/)]);
    expect(problems.join()).not.toContain('planted');
  });

  test('a client that no module registers', async () => {
    await expect(boot({ imports: [InstellixHttpModule.forRoot({ name: 'unknown' })] })).rejects.toThrow(
      /InstellixHttpService\(unknown\)[\s\S]*InstellixClient\(unknown\)/,
    );
  });
});
