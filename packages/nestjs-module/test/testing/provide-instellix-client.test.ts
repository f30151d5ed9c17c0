import { TokenRequestError } from '@instellix/core';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, test } from 'vitest';
import { getInstellixClientToken, InjectInstellixClient, InstellixClient, InstellixModule } from '../../src/index.ts';
import { provideInstellixClient } from '../../src/testing/index.ts';
import { problemsOf } from '../application.ts';
import { emulate, unreachable } from '../credentials.ts';

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
  test('answers the calls of its subject by a function that sees the token', async () => {
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

  test('scripts tokens: a 401 brings the next one, and the last one stays', async () => {
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

  test('scripts failures: getToken and fetch reject with that very error, then go on', async () => {
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

  test('reaches no network: a call that nobody answers names itself', async () => {
    const module = await compile(provideInstellixClient());
    expect((await module.get(InstellixClient).getToken()).value).toBe('test-token');
    await expect(module.get(Customers).names()).rejects.toThrow(/GET https:\/\/instellix\.invalid\/customers/);
  });

  test('keeps the real rules: no address but the API’s', async () => {
    const module = await compile(provideInstellixClient({ fetch: () => new Response() }));
    const call = module.get(InstellixClient).fetch('https://elsewhere.example/');
    await expect(call).rejects.toMatchObject({ code: 'origin_not_allowed' });
  });

  test('stands in for a named client, also in an application that registers the real one', async () => {
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

describe('an integration test', () => {
  test('calls an emulator that is running, and closes its client with the module', async () => {
    const emulator = await emulate();
    const module = await compile(provideInstellixClient({ emulator }));
    expect(await module.get(Customers).names()).toBeInstanceOf(Array);
    const { client } = module.get(Customers);
    await module.close();
    expect(client.status().state).toBe('closed');
  });

  test('may use another credential, and renew without waiting when there is no throttle', async () => {
    const emulator = await emulate({ throttleWindowMs: 0 });
    const reader = await emulator.credentials.create({ roles: ['reader'] });
    const options = { ...reader, tokenRequest: { minIntervalMs: 0 } };
    const module = await compile(provideInstellixClient({ emulator, options }));
    const client = module.get(InstellixClient);
    await client.getToken();
    await emulator.tokens.revokeAll();
    expect((await client.fetch('/customers', { method: 'POST', body: '{}' })).status).toBe(403);
  });
});

test.each([
  [{ tokens: ['a'] }, /name, token, fetch, not "tokens"/],
  [{ token: [] }, /token must be a token, an error, or a list/],
  [{ emulator: undefined }, /emulator is missing/],
  [{ emulator: { url: 'http://127.0.0.1' }, token: 'a' }, /not "token"/],
  [{ name: '' }, /name must be/],
])('what cannot work is said: %j', async (options, expected) => {
  const problems = await problemsOf(() => provideInstellixClient(options as object));
  expect(problems).toEqual([expect.stringMatching(expected)]);
});
