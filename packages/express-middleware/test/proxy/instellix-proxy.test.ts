import { expect, test } from 'vitest';
import { ProxyWorld, rawRequest } from './proxy-world.ts';

test('a caller gets the API’s answer, and the API its token', async () => {
  const world = await ProxyWorld.start();
  const answer = await world.exchange(rawRequest('GET /api/items?limit=2', ['Accept: text/plain', 'Cookie: a=b']));
  expect(answer).toMatchObject({ status: 200, body: 'ok', isWhole: true });
  const [arrival] = world.upstream.journal;
  expect(arrival?.target).toBe('/v1/items?limit=2');
  expect(arrival?.headers.map(([name]) => name)).toEqual(['host', 'connection', 'via', 'accept', 'authorization']);
});

test('a body arrives as it was sent', async () => {
  const world = await ProxyWorld.start();
  const answer = await world.exchange(rawRequest('POST /api/items', ['Content-Length: 5'], 'hello'));
  expect(answer).toMatchObject({ status: 200, body: 'ok' });
  const chunked = ['Transfer-Encoding: chunked'];
  await world.exchange(rawRequest('POST /api/items', chunked, '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'));
  expect(world.upstream.journal.map(({ body }) => body)).toEqual(['hello', 'hello world']);
});

test('a 401 is healed by one renewal and one replay', async () => {
  const world = await ProxyWorld.start();
  await world.client.getToken();
  world.upstream.firstValid = 2;
  const answer = await world.exchange(rawRequest('POST /api/items', ['Content-Length: 5'], 'hello'));
  expect(answer).toMatchObject({ status: 200, body: 'ok' });
  expect(world.upstream.journal.map(({ body }) => body)).toEqual(['hello', 'hello']);
  expect(world.events).toMatchObject([{ outcome: 'forwarded', status: 200, rule: '/**', replayed: true }]);
});
