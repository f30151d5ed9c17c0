import { createInstellixClient, type InstellixClientOptions } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { createClient, type ModuleOptionsContext } from '../../src/client/create-client.ts';
import { problemsOf } from '../application.ts';
import { unreachable } from '../credentials.ts';

const client = createInstellixClient(unreachable);
const fromFactory: ModuleOptionsContext = { isStatic: false, eager: undefined };
const fromForRoot: ModuleOptionsContext = { isStatic: true, eager: undefined };

describe('wrong options are refused with every problem at once:', () => {
  test.each([
    ['a name that a factory returns', { ...unreachable, name: 'billing' }, ['name must be given to forRootAsync()']],
    [
      'isGlobal and more that a factory returns',
      { isGlobal: true, realm: 7 },
      ['isGlobal must be', 'environment', 'realm', 'clientId', 'clientSecret'],
    ],
    ['an eager that does not exist', { ...unreachable, eager: true }, ["eager must be false, 'warn' or 'fail'"]],
    ['an option that core does not know', { ...unreachable, relam: 'acme' }, ['relam']],
    ['a client without methods', { client: { getToken() {} } }, ['client must be an object with the methods']],
    ['a client that is null', { client: null }, ['client must be an object with the methods']],
    ['a client and options', { client, realm: 'acme', clientId: 'me' }, ['client excludes realm, clientId']],
  ])('%s', async (_, options, expected) => {
    const problems = await problemsOf(() => createClient(options as never, fromFactory));
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['planted-secret', 'string'],
  ])('no object, but %j', async (options, kind) => {
    const problems = await problemsOf(() => createClient(options as never, fromFactory));
    expect(problems).toEqual([expect.stringMatching(`must return an object, not ${kind}: return \\{\\}`)]);
  });

  test.each([[[]], [new Map([['realm', 'acme']])], [Promise.resolve(unreachable)]])(
    'an object without options: %s',
    async (options) => {
      const problems = await problemsOf(() => createClient(options as never, fromFactory));
      expect(problems[0]).toMatch(/^options must be an object with some of the keys environment, /);
    },
  );
});

/** The requests show which credential a client really uses. */
async function credentialOf(options: object, context = fromFactory): Promise<string> {
  const sent: string[] = [];
  const fetch: InstellixClientOptions['fetch'] = async (_, init) => {
    sent.push(atob(new Headers(init?.headers).get('authorization')?.slice('Basic '.length) ?? ''));
    return Response.json({ access_token: 'planted-token', token_type: 'bearer', expires_in: 300 });
  };
  Object.defineProperty(options, 'fetch', { value: fetch, enumerable: true });
  const created = createClient(options, context);
  await created.client.getToken();
  await created.client.close();
  return sent.join();
}

class Config {
  readonly #prefix = 'billing';
  readonly ofItsOwn = true;
  readonly eager = 'warn';
  get environment() {
    return unreachable.environment;
  }
  get realm() {
    return 'acme';
  }
  get clientId() {
    return `${this.#prefix}-id`;
  }
  get clientSecret() {
    return `${this.#prefix}-planted`;
  }
}

describe('options are read by name from any object:', () => {
  class Inherited extends Config {}
  class WithSymbols extends Config {
    readonly [Symbol.toStringTag] = 'Config';
  }
  const { environment } = unreachable;
  const values = { environment, realm: 'acme', clientId: 'billing-id', clientSecret: 'billing-planted' };
  const hidden = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));
  const decrypting = {
    get: (target: Record<string, unknown>, key: string) =>
      typeof target[key] === 'string' ? `billing-${target[key]}` : target[key],
  };

  test.each<[string, () => object]>([
    ['an instance of a class with getters and private fields', () => new Config()],
    ['an instance of a subclass', () => new Inherited()],
    ['an instance of a class with symbols', () => new WithSymbols()],
    ['a prototype', () => Object.create(values)],
    ['an object without a prototype', () => Object.assign(Object.create(null), values)],
    ['properties that are not enumerable', () => Object.defineProperties({}, hidden)],
    ['symbols as further keys', () => ({ ...values, [Symbol('tag')]: true })],
    [
      'getters of a literal that use other options',
      () => ({
        ...values,
        eager: 'fail',
        get clientId() {
          return (this as { eager?: string }).eager === 'fail' ? 'billing-id' : 'lost';
        },
      }),
    ],
    [
      'a proxy',
      () => new Proxy<Record<string, unknown>>({ ...values, clientId: 'id', clientSecret: 'planted' }, decrypting),
    ],
  ])('%s', async (_, create) => {
    expect(await credentialOf(create())).toBe('billing-id:billing-planted');
    expect(await credentialOf(create(), fromForRoot)).toBe('billing-id:billing-planted');
  });

  test('a frozen object', () => {
    expect(createClient(Object.freeze({ ...unreachable, eager: 'warn' }), fromFactory).eager).toBe('warn');
    expect(createClient(Object.freeze(new Config()), fromFactory).client.environment.name).toBe('nowhere');
  });

  test('eager and client too', () => {
    class WithClient {
      get client() {
        return client;
      }
      get eager() {
        return 'fail' as const;
      }
    }
    expect(createClient(new WithClient(), fromFactory)).toEqual({ client, isOurs: false, eager: 'fail' });
  });

  test.each<[string, object]>([
    ['a literal', { ...unreachable }],
    ['an instance of a class', Object.create(new Config(), {})],
  ])('clientId that is present but undefined is a problem: %s', async (_, options) => {
    const source = Object.defineProperty(options, 'clientId', { value: undefined, enumerable: true });
    const problems = await problemsOf(() => createClient(source as never, fromFactory));
    expect(problems).toContainEqual(expect.stringContaining('clientId is present but undefined'));
  });

  test('a getter that throws is a problem that names the option', async () => {
    const options = {
      ...unreachable,
      get clientSecret(): string {
        throw new Error('planted');
      },
    };
    const problems = await problemsOf(() => createClient(options, fromFactory));
    expect(problems).toContainEqual(expect.stringContaining('clientSecret throws when it is read'));
  });

  test('members of Object.prototype are no options', async () => {
    const pollution = { client, eager: 'fail', name: 'x' };
    for (const [key, value] of Object.entries(pollution)) {
      Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
    }
    try {
      expect(createClient(unreachable, fromFactory)).toMatchObject({ isOurs: true, eager: false });
    } finally {
      for (const key of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, key);
    }
  });
});

test('a client is ours to close only when we created it', () => {
  expect(createClient({ client }, fromFactory)).toEqual({ client, isOurs: false, eager: false });
  expect(createClient({ ...unreachable, eager: 'warn' }, fromFactory)).toMatchObject({ isOurs: true, eager: 'warn' });
});

test('the eager of forRootAsync applies when the options have none', () => {
  const beside: ModuleOptionsContext = { isStatic: false, eager: 'warn' };
  expect(createClient({ client }, beside).eager).toBe('warn');
  expect(createClient({ client, eager: false }, beside).eager).toBe(false);
});
