import { expect, test } from 'vitest';
import { clientValidator } from '../../src/client/client-validator.ts';
import { object, readOptions } from '../../src/configuration/object-validator.ts';

const methods = ['getToken', 'peekToken', 'fetch', 'status', 'subscribe', 'close'];
const complete = Object.fromEntries(methods.map((method) => [method, () => {}]));
const read = (client: unknown) => readOptions(object({ client: clientValidator }), { client }, (given) => given.client);

test('an object with all methods of a client is one, whatever its class', () => {
  expect(read(complete)).toBe(complete);
});

test.each(methods)('an object without %s is none', (method) => {
  expect(() => read({ ...complete, [method]: undefined })).toThrow(method);
});
