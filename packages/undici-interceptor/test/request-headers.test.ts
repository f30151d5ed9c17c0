import { describe, expect, test } from 'vitest';
import { send, setUp } from './set-up.ts';
import { undicis } from './undicis.ts';

describe.each(undicis)('$name', ({ undici }) => {
  const own = 'Bearer mine';
  test.each<[string, () => unknown]>([
    ['an object', () => ({ AUTHORIZATION: own })],
    ['a flat array', () => ['x-other', 'x', 'Authorization', own]],
    ['a flat array of buffers', () => [Buffer.from('authorization'), own]],
    ['an array of pairs', () => [['aUtHoRiZaTiOn', own]]],
    ['a Map', () => new Map([['Authorization', own]])],
    ['Headers', () => new Headers({ Authorization: own })],
    ['the Headers of undici', () => new undici.Headers({ Authorization: own })],
    [
      'a generator',
      function* () {
        yield ['Authorization', own];
      },
    ],
  ])('keeps an Authorization in %s, and returns its 401', async (_, create) => {
    const { api, dispatcher } = await setUp(undici);
    const { status } = await send(dispatcher, { origin: api.origin, headers: create() as never });
    expect([status, api.tokenRequests, api.summary()]).toEqual([401, 0, [`GET /api/echo ${own}`]]);
  });

  test.each<[string, () => unknown]>([
    [
      'an object',
      () => ({ 'X-Sent': ['a', 'b'], Authorization: undefined, AUTHORIZATION: undefined, authorization: null }),
    ],
    ['a flat array', () => ['X-Sent', 'a', 'x-sent', 'b']],
    [
      'an array of pairs',
      () => [
        ['X-Sent', 'a'],
        ['x-sent', 'b'],
      ],
    ],
    [
      'Headers',
      () =>
        new Headers([
          ['X-Sent', 'a'],
          ['x-sent', 'b'],
        ]),
    ],
    [
      'a generator',
      function* () {
        yield ['X-Sent', ['a', 'b']];
      },
    ],
  ])('adds the token to the headers in %s, also when it resends', async (_, create) => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.getToken();
    api.revokeAll();
    const { status } = await send(dispatcher, { origin: api.origin, headers: create() as never });
    expect(status).toBe(200);
    expect(api.requests.map(({ headers }) => [headers['x-sent'], headers.authorization])).toEqual([
      ['a, b', 'Bearer planted-token-1'],
      ['a, b', 'Bearer planted-token-2'],
    ]);
  });

  test.each<[string, unknown]>([
    ['an odd number of names and values', ['x-name']],
    ['pairs that are none', [['a', 'b'], ['c']]],
    ['a string', 'authorization: x'],
    ['a name that is not allowed', { 'a b': 'c' }],
  ])('rejects headers that are %s', async (_, headers) => {
    const { api, dispatcher } = await setUp(undici);
    await expect(send(dispatcher, { origin: api.origin, headers: headers as never })).rejects.toThrow(/header/i);
    expect(api.requests).toEqual([]);
  });
});
