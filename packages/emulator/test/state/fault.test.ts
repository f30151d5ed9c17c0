import { expect, test } from 'vitest';
import { faultSchema } from '../../src/state/fault.ts';
import { validate } from '../../src/state/validate.ts';

const respond = { status: 500 };
const on = 'token';

const absurd: [fault: unknown, message: RegExp][] = [
  [undefined, /^fault: must be an object/],
  [[], /^fault: must be an object/],
  [{ on, respond, every: 1 }, /^fault: has an unknown field "every"; known fields are on, /],
  [{ respond }, /^fault\.on: is missing/],
  [{ on: 'tokens', respond }, /^fault\.on: /],
  [{ on: 'GET customers', respond }, /^fault\.on: /],
  [{ on: 'GET /a /b', respond }, /^fault\.on: /],
  [{ on: 'get /customers', respond }, /^fault\.on: must begin with an HTTP method in upper case/],
  [{ on: 'GET /customers?a=1', respond }, /^fault\.on: must be a path without a query/],
  [{ on: 'GET /a/../b', respond }, /^fault\.on: must be the path as it is sent/],
  [{ on: 'GET /größe', respond }, /^fault\.on: must be the path as it is sent/],
  [{ on: 'GET //b', respond }, /^fault\.on: must be the path as it is sent/],
  [{ on: 'GET //', respond }, /^fault\.on: must be the path as it is sent/],
  [{ on: 'GET //[', respond }, /^fault\.on: must be the path as it is sent/],
  [{ on: 'GET /portal/login', respond }, /^fault\.on: must not be a path of the portal/],
  [{ on: 'POST /_emulator', respond }, /^fault\.on: must not be a path of the portal/],
  [{ on }, /^fault: has no effect; give respond, delayMs or socket/],
  [{ on, nth: 0, respond }, /^fault\.nth: must be a whole number from 1/],
  [{ on, nth: '1', respond }, /^fault\.nth: /],
  [{ on, times: Number.NaN, respond }, /^fault\.times: /],
  [{ on, times: 1.5, respond }, /^fault\.times: /],
  [{ on, delayMs: -1 }, /^fault\.delayMs: must be a whole number from 0/],
  [{ on, delayMs: Number.POSITIVE_INFINITY }, /^fault\.delayMs: /],
  [{ on, clientId: '', respond }, /^fault\.clientId: must not be empty/],
  [{ on, clientId: 'a:b', respond }, /^fault\.clientId: must not contain a colon/],
  [{ on, socket: 'explode' }, /^fault\.socket: must be one of reset, hang, truncate/],
  [{ on, socket: 'hang', respond }, /^fault\.socket: must not be "hang" together with a response status/],
  [{ on, socket: 'reset', respond }, /^fault\.socket: must not be "reset" together with a response status/],
  [{ on, respond: 500 }, /^fault\.respond: must be an object/],
  [{ on, respond: {} }, /^fault\.respond\.status: is missing/],
  [{ on, respond: { status: 600 } }, /^fault\.respond\.status: must be a whole number from 200 to 599, not 600/],
  [{ on, respond: { status: 101 } }, /^fault\.respond\.status: /],
  [{ on, respond: { status: 200, json: {} } }, /^fault\.respond: has an unknown field "json"/],
  [{ on, respond: { status: 200, body: {} } }, /^fault\.respond\.body: must be a string; use JSON\.stringify/],
  [
    { on, respond: { status: 204, body: 'x' } },
    /^fault\.respond: has a body, but a response with the status 204 has none/,
  ],
  [
    { on, respond: { status: 200, headers: [] } },
    /^fault\.respond\.headers: must be an object whose values are strings/,
  ],
  [
    { on, respond: { status: 200, headers: { a: 1 } } },
    /^fault\.respond\.headers: must be an object whose values are strings/,
  ],
  [
    { on, respond: { status: 200, headers: { 'a b': 'x' } } },
    /^fault\.respond\.headers: has a name or value that HTTP/,
  ],
  [
    { on, respond: { status: 200, headers: { a: 'x\r\ny: z' } } },
    /^fault\.respond\.headers: has a name or value that HTTP/,
  ],
];
test.each(absurd)('%j: an error that names the field', (fault, message) => {
  expect(() => validate(faultSchema, fault, 'fault')).toThrow(message);
});
