import { type ConfigurationError, createInstellixClient } from '@instellix/core';
import axios from 'axios';
import { expect, test } from 'vitest';
import { createInstellixAxios, installInstellixInterceptor } from '../src/index.ts';

const client = createInstellixClient({
  environment: 'sandbox',
  realm: 'acme',
  clientId: 'arguments',
  clientSecret: 'planted-arguments',
});
const noInstance = /^axios must be an Axios instance, or axios itself/;
const noClient = /^client must be an object with the methods getToken,/;
const missing = ['axios is missing: set it.', 'client is missing: set it.'];

test.each([
  ['swapped arguments', [client, axios], [noInstance, noClient]],
  ['no arguments', [], missing],
  ['a promise of a client', [axios, Promise.resolve(client)], [noClient]],
  [
    'the options of a client',
    [axios, client, { environment: 'sandbox' }],
    [/^options must .* runWhen, not .*"environment"/],
  ],
  ['a misspelt option', [axios, client, { runwhen: () => true }], [/^options must .* runWhen, not .*"runwhen"/]],
  ['null as options', [axios, client, null], [/^options must be an object/]],
  ['a condition that is not a function', [axios, client, { runWhen: 1 }], [/^runWhen must be a function/]],
  ['several problems', [null, null, { runWhen: 1, more: 2 }], [noInstance, noClient, /^options must/, /^runWhen/]],
])('%s are a ConfigurationError that lists all problems', (_, given, problems) => {
  let caught: unknown;
  try {
    installInstellixInterceptor(...(given as Parameters<typeof installInstellixInterceptor>));
  } catch (error) {
    caught = error;
  }
  expect((caught as ConfigurationError).problems).toEqual(
    problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
  );
});

test('createInstellixAxios rejects an invalid client', () => {
  expect(() => createInstellixAxios({} as never)).toThrow(/client must be an object with the methods/);
});
