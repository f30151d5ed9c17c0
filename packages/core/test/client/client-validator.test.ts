import { describe, expect, test } from 'vitest';
import { clientValidator } from '../../src/client/client-validator.ts';
import { createInstellixClient } from '../../src/client/create-instellix-client.ts';

const client = createInstellixClient({ environment: 'sandbox', realm: 'r', clientId: 'c', clientSecret: 's' });

function validate(value: unknown) {
  const problems: string[] = [];
  return { result: clientValidator(value, 'client', problems), problems };
}

describe('a client as an argument', () => {
  test.each([
    ['a client', client],
    ['a client of another class, which holds another one', { ...client, client }],
    ['nothing, for those who may leave it out', undefined],
  ])('can be %s', (_, value) => {
    expect(validate(value)).toEqual({ result: value, problems: [] });
  });

  test('can have its methods in a class', () => {
    const inherited = Object.create(client);
    expect(validate(inherited)).toEqual({ result: inherited, problems: [] });
  });

  test('must be the client itself', () => {
    const problem = 'client must be a client, not an object that contains one: pass the client itself.';
    expect(validate({ client })).toEqual({ result: undefined, problems: [problem] });
  });

  test.each([
    ['an object without the methods', {}],
    ['null', null],
    ['a string', 'client'],
    ['an object that holds no client', { client: {} }],
    ['an object that holds nothing', { client: undefined }],
  ])('cannot be %s', (_, value) => {
    const { result, problems } = validate(value);
    expect(result).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(
        /^client must be an object with the methods getToken, peekToken, fetch, status, subscribe, close/,
      ),
    ]);
  });
});

test.each(['getToken', 'peekToken', 'fetch', 'status', 'subscribe', 'close'])('a client needs %s', (method) => {
  expect(validate({ ...client, [method]: undefined }).problems).toHaveLength(1);
});
