import { TokenRequestError } from '@instellix/core';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, test } from 'vitest';
import {
  getInstellixClientToken,
  InjectInstellixClient,
  InstellixClient,
  InstellixModule,
  type InstellixModuleAsyncOptions,
  type InstellixModuleOptions,
  type InstellixOptionsFactory,
} from '../../src/index.ts';
import { provideInstellixClient } from '../../src/testing/index.ts';
import { problemsOf } from '../application.ts';
import { emulate, optionsFor, unreachable } from '../credentials.ts';

@Injectable()
class Customers {
  readonly client: InstellixClient;
  constructor(client: InstellixClient) {
    this.client = client;
  }
  async names(): Promise<string[]> {
    const response = await this.client.fetch('/customers');
    return ((await response.json()) as { customers: { name: string }[] }).customers.map(({ name }) => name);
  }
}

async function compile(...providers: Parameters<typeof Test.createTestingModule>[0]['providers'] & object) {
  return Test.createTestingModule({ providers: [Customers, ...providers] }).compile();
}

describe('a unit test', () => {
  test('responds to calls with a function, whose requests carry the token', async () => {
    const seen: unknown[] = [];
    const module = await compile(
      provideInstellixClient({
        token: 'planted-token',
        fetch: async ({ method, url, headers }) => {
          seen.push([method, new URL(url).pathname, headers.get('authorization')]);
          return Response.json({ customers: [{ name: 'Ada' }] });
        },
      }),
    );
    expect(await module.get(Customers).names()).toEqual(['Ada']);
    expect(seen).toEqual([['GET', '/customers', 'Bearer planted-token']]);
  });

  test('lists tokens: after a 401 the client obtains the next one, and the last one repeats', async () => {
    const module = await compile(
      provideInstellixClient({
        token: ['planted-1', 'planted-2'],
        fetch: ({ headers }) =>
          new Response(headers.get('authorization'), {
            status: headers.get('authorization') === 'Bearer planted-1' ? 401 : 200,
          }),
      }),
    );
    const client = module.get(InstellixClient);
    expect(await (await client.fetch('/')).text()).toBe('Bearer planted-2');
    expect((await client.getToken()).value).toBe('planted-2');
  });

  test('lists failures: getToken and fetch reject with the given error, then use the next token', async () => {
    const error = new TokenRequestError('credentials_rejected', 'scripted');
    const module = await compile(
      provideInstellixClient({ token: [error, 'planted-token'], fetch: () => new Response('served') }),
    );
    const { client } = module.get(Customers);
    await expect(client.fetch('/customers')).rejects.toBe(error);
    expect(client.status()).toMatchObject({ state: 'missing', lastError: { code: 'token_request_refused' } });
    expect((await client.getToken()).value).toBe('planted-token');
    const always = await compile(provideInstellixClient({ token: error }));
    for (let call = 0; call < 3; call++) await expect(always.get(InstellixClient).getToken()).rejects.toBe(error);
  });

  test('makes no network request: without a fetch, the error names the call', async () => {
    const module = await compile(provideInstellixClient());
    expect((await module.get(InstellixClient).getToken()).value).toBe('test-token');
    await expect(module.get(Customers).names()).rejects.toThrow(/GET https:\/\/instellix\.invalid\/customers/);
  });

  test('keeps the rules of core: URLs elsewhere are refused', async () => {
    const module = await compile(provideInstellixClient({ fetch: () => new Response() }));
    const call = module.get(InstellixClient).fetch('https://elsewhere.example/');
    await expect(call).rejects.toMatchObject({ code: 'origin_not_allowed' });
  });

  test('replaces a named client, also in an application that registers the real one', async () => {
    @Injectable()
    class Invoices {
      @InjectInstellixClient('billing') readonly client!: InstellixClient;
    }
    const { useFactory } = provideInstellixClient({ token: 'planted-token' });
    const module = await Test.createTestingModule({
      imports: [InstellixModule.forRoot({ ...unreachable, name: 'billing' })],
      providers: [Invoices],
    })
      .overrideProvider(getInstellixClientToken('billing'))
      .useFactory({ factory: useFactory })
      .compile();
    await module.init();
    expect((await module.get(Invoices).client.getToken()).value).toBe('planted-token');
    const direct = await compile(
      provideInstellixClient({ name: 'billing', token: 'planted-token' }),
      provideInstellixClient(),
      Invoices,
    );
    expect((await direct.get(Invoices).client.getToken()).value).toBe('planted-token');
  });
});

describe('overrideProvider(InstellixClient)', () => {
  @Injectable()
  class Secrets {
    static instances = 0;
    constructor() {
      Secrets.instances++;
    }
  }
  @Injectable()
  class Options implements InstellixOptionsFactory {
    createInstellixOptions(): InstellixModuleOptions {
      throw new Error('There is no secret in a test.');
    }
  }
  const failing = () => {
    throw new Error('There is no secret in a test.');
  };

  test.each<[string, InstellixModuleAsyncOptions]>([
    ['useFactory', { useFactory: failing, inject: [Secrets], extraProviders: [Secrets] }],
    ['useClass', { useClass: Options }],
  ])('does not call the options factory of %s', async (_, options) => {
    const module = await Test.createTestingModule({
      imports: [InstellixModule.forRootAsync({ ...options, eager: 'fail' })],
      providers: [Customers],
    })
      .overrideProvider(InstellixClient)
      .useFactory({ factory: provideInstellixClient({ token: 'planted-token' }).useFactory })
      .compile();
    await module.init();
    expect((await module.get(Customers).client.getToken()).value).toBe('planted-token');
    await module.close();
  });

  test('does not prevent that Nest creates the providers which the factory injects', async () => {
    Secrets.instances = 0;
    const options = { useFactory: failing, inject: [Secrets], extraProviders: [Secrets] };
    await Test.createTestingModule({ imports: [InstellixModule.forRootAsync(options)] })
      .overrideProvider(InstellixClient)
      .useValue({})
      .compile();
    expect(Secrets.instances).toBe(1);
  });

  test('can be replaced by an override of the options, so that the real client calls an emulator', async () => {
    const emulator = await emulate();
    const module = await Test.createTestingModule({
      imports: [InstellixModule.forRootAsync({ useClass: Options })],
      providers: [Customers],
    })
      .overrideProvider(Options)
      .useValue({ createInstellixOptions: () => optionsFor(emulator) })
      .compile();
    expect(await module.get(Customers).names()).toBeInstanceOf(Array);
    await module.close();
    expect(module.get(InstellixClient).status().state).toBe('closed');
  });
});

test('the client is closed with its module', async () => {
  const module = await compile(provideInstellixClient());
  const client = module.get(InstellixClient);
  await module.close();
  expect(client.status().state).toBe('closed');
});

test.each([
  [{ tokens: ['a'] }, /name, token, fetch, not "tokens"/],
  [{ token: [] }, /token must be a token, an error, or a non-empty list/],
  [{ name: '' }, /name must be/],
])('wrong options throw: %j', async (options, expected) => {
  const problems = await problemsOf(() => provideInstellixClient(options as object));
  expect(problems).toEqual([expect.stringMatching(expected)]);
});
