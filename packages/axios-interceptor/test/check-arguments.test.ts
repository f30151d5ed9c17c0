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
const noInstance = 'axios must be an Axios instance, or axios itself.';
const noClient = 'client must be what createInstellixClient returned.';
const badOptions = 'options must be an object with no other key than runWhen.';

test.each([
  ['swapped arguments', [client, axios], [noInstance, noClient]],
  ['no arguments', [], [noInstance, noClient]],
  ['a promise of a client', [axios, Promise.resolve(client)], [noClient]],
  ['the options of a client', [axios, client, { environment: 'sandbox' }], [badOptions]],
  ['a misspelt option', [axios, client, { runwhen: () => true }], [badOptions]],
  ['options that are none', [axios, client, null], [badOptions]],
  ['a condition that is none', [axios, client, { runWhen: true }], ['options.runWhen must be a function.']],
  [
    'everything wrong at once',
    [undefined, null, { runWhen: 1, more: 2 }],
    [noInstance, noClient, badOptions, 'options.runWhen must be a function.'],
  ],
])('%s are told at once and in words, not by a TypeError in some later call', (_, given, problems) => {
  let caught: unknown;
  try {
    installInstellixInterceptor(...(given as Parameters<typeof installInstellixInterceptor>));
  } catch (error) {
    caught = error;
  }
  expect((caught as ConfigurationError).problems).toEqual(problems);
});

test('a client that is none is told by createInstellixAxios, too', () => {
  expect(() => createInstellixAxios({} as never)).toThrow(noClient);
});
