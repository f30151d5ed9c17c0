import { createInstellixClient } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/create-client.ts';
import { problemsOf } from '../application.ts';
import { unreachable } from '../credentials.ts';

const client = createInstellixClient(unreachable);

describe('options that cannot work are refused with every problem at once:', () => {
  test.each([
    ['a name that a factory returns', { ...unreachable, name: 'billing' }, ['name must be given to forRootAsync()']],
    [
      'isGlobal and more that a factory returns',
      { isGlobal: true, realm: 7 },
      ['isGlobal must be', 'environment', 'realm', 'clientId', 'clientSecret'],
    ],
    ['an eager that does not exist', { ...unreachable, eager: true }, ["eager must be false, 'warn' or 'fail'"]],
    ['an option that core does not know', { ...unreachable, relam: 'acme' }, ['relam']],
    ['a client that is none', { client: { getToken() {} } }, ['client must be an object with the methods']],
    ['a client that is null', { client: null }, ['client must be an object with the methods']],
    ['a client and options', { client, realm: 'acme', clientId: 'me' }, ['client excludes realm, clientId']],
  ])('%s', async (_, options, expected) => {
    const problems = await problemsOf(() => createClient(options as never));
    expect(problems).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});

describe('options of any object are read by name:', () => {
  class Config {
    readonly #id = 'billing';
    get environment() {
      return unreachable.environment;
    }
    get realm() {
      return 'acme';
    }
    get clientId() {
      return this.#id;
    }
    get clientSecret() {
      return 'planted-secret';
    }
    readonly eager = 'warn';
    readonly ofItsOwn = true;
  }
  test.each<[string, object]>([
    ['an instance of a class with getters', new Config()],
    ['a prototype', Object.create(unreachable)],
    ['a frozen object', Object.freeze({ ...unreachable })],
    ['an object without a prototype', Object.assign(Object.create(null), unreachable)],
  ])('%s', (_, options) => {
    expect(createClient(options as never).client.environment.name).toBe('nowhere');
  });

  test('an eager of a class counts', () => {
    expect(createClient(new Config() as never).eager).toBe('warn');
  });

  test.each<[string, object]>([
    ['a literal', { ...unreachable, clientId: undefined }],
    ['an instance of a class', Object.assign(new (class extends Config {})(), { clientSecret2: 1 })],
  ])('clientId that is present but undefined is a problem: %s', async (_, options) => {
    const source = Object.defineProperty(options, 'clientId', { value: undefined, enumerable: true });
    const problems = await problemsOf(() => createClient(source as never));
    expect(problems).toContainEqual(expect.stringContaining('clientId is present but undefined'));
  });

  test('what has been put on Object.prototype is no option', async () => {
    const pollution = { client, eager: 'fail', name: 'x' };
    for (const [key, value] of Object.entries(pollution)) {
      Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
    }
    try {
      expect(createClient(unreachable)).toMatchObject({ isOurs: true, eager: false });
    } finally {
      for (const key of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, key);
    }
  });
});

test('a client is ours to close only when we made it', () => {
  expect(createClient({ client })).toEqual({ client, isOurs: false, eager: false });
  expect(createClient({ ...unreachable, eager: 'warn' })).toMatchObject({ isOurs: true, eager: 'warn' });
});
