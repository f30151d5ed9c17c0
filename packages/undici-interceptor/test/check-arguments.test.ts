import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';

const client = createInstellixClient({
  environment: 'sandbox',
  realm: 'acme',
  clientId: 'arguments',
  clientSecret: 'planted-arguments',
});
const noClient = /^client must be an object with the methods getToken,/;

test.each([
  ['no arguments', [], ['client is missing: set it.']],
  ['a promise of a client', [Promise.resolve(client)], [noClient]],
  ['a dispatcher instead of a client', [new Agent()], [noClient]],
  ['the options of a client', [client, { environment: 'sandbox' }], [/^options must .*, not "environment"/]],
  ['null as options', [client, null], [/^options must be an object/]],
  ['a negative number of bytes', [client, { resendBodyBytes: -1 }], [/^resendBodyBytes must be a number from 0/]],
  ['several faults', [null, { resendBodyBytes: '1' }], [noClient, /^resendBodyBytes must be a number/]],
])('refuses %s with a ConfigurationError', (_, given, problems) => {
  let caught: unknown;
  try {
    instellixInterceptor(...(given as [InstellixClient]));
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ConfigurationError);
  expect((caught as ConfigurationError).problems).toEqual(
    problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
  );
});

test('reads the options of a class with getters', () => {
  class Options {
    get resendBodyBytes() {
      return -1;
    }
  }
  expect(() => instellixInterceptor(client, new Options())).toThrow(/resendBodyBytes must be a number from 0/);
});
