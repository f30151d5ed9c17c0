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

test('a client is ours to close only when we made it', () => {
  expect(createClient({ client })).toEqual({ client, isOurs: false, eager: false });
  expect(createClient({ ...unreachable, eager: 'warn' })).toMatchObject({ isOurs: true, eager: 'warn' });
});
