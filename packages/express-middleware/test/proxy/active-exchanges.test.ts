import { until } from '@instellix/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse } from './scripted-upstream.ts';

const timeouts = { headersMs: 100, idleMs: 140 };
const get = rawRequest('GET /api/items');
const getSilent = rawRequest('GET /api/silent');

afterEach(() => vi.restoreAllMocks());

/** Starts a service whose API responds to `/items` when `isReleased` allows it, and never to `/silent`. */
async function start(isReleased = () => true): Promise<ProxyFixture> {
  const fixture = await ProxyFixture.start({ timeouts });
  await fixture.client.getToken();
  fixture.upstream.script = async ({ target }, socket) => {
    if (target.endsWith('/silent')) return;
    await until(isReleased);
    socket.write(rawResponse('200 OK', 'ok'));
  };
  return fixture;
}

test('a request is watched after a time without any', async () => {
  const fixture = await start();
  expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
  expect(await fixture.exchange(getSilent)).toMatchObject({ status: 504 });
});

test('a request is still watched when an earlier one has ended', async () => {
  const fixture = await start(() => fixture.upstream.arrivals.length === 2);
  const first = fixture.exchange(get);
  await until(() => fixture.upstream.arrivals.length === 1);
  const second = fixture.exchange(getSilent);
  expect(await first).toMatchObject({ status: 200 });
  expect(await second).toMatchObject({ status: 504 });
});

test('one timer watches all requests, twice within the shortest time, and ends with the last of them', async () => {
  const started = vi.spyOn(globalThis, 'setInterval');
  const ended = vi.spyOn(globalThis, 'clearInterval');
  const fixture = await start(() => fixture.upstream.arrivals.length === 3);
  await Promise.all([get, get, get].map((request) => fixture.exchange(request)));
  const timers = started.mock.results.filter((_, index) => started.mock.calls[index]?.[1] === 50);
  expect(timers).toHaveLength(1);
  await until(() => fixture.events.length === 3);
  expect(ended.mock.calls).toEqual([[timers[0]?.value]]);
});

test('the wait for the token that replaces a rejected one has a limit of its own', async () => {
  const fixture = await start();
  fixture.upstream.firstValid = 2;
  fixture.upstream.respondToToken = (socket) => {
    const token = JSON.stringify({ access_token: 'planted-token-2', token_type: 'bearer', expires_in: 300 });
    setTimeout(() => socket.write(rawResponse('200 OK', token, 'Content-Type: application/json')), 400);
  };
  expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
});
