import { setTimeout } from 'node:timers/promises';
import { until } from '@instellix/testing';
import { expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, saying } from './scripted-upstream.ts';

const get = rawRequest('GET /api/items');

/** A response that the proxy does not forward, and whose body comes after its head. */
async function refuse(bodyLength: number, sent: number): Promise<ProxyFixture> {
  const fixture = await ProxyFixture.start();
  fixture.upstream.script = async (_, socket) => {
    const challenge = 'WWW-Authenticate: Bearer error="insufficient_scope"';
    socket.write(`HTTP/1.1 403 Forbidden\r\n${challenge}\r\nContent-Length: ${bodyLength}\r\n\r\n`);
    await until(() => fixture.events.length === 1);
    socket.write('x'.repeat(sent));
  };
  expect(await fixture.exchange(get)).toMatchObject({ status: 502 });
  return fixture;
}

test('a response that is not forwarded keeps its connection when its body ends', async () => {
  const { upstream } = await refuse(2, 2);
  await setTimeout(50);
  expect(upstream.connections.map(({ destroyed }) => destroyed)).toEqual([false, false]);
});

test.each([
  ['is long', 10_000_000, 10_000_000],
  ['does not end', 2, 1],
])('a response that is not forwarded loses its connection when its body %s', async (_, length, sent) => {
  const { upstream } = await refuse(length, sent);
  await until(() => upstream.connections.at(-1)?.destroyed === true);
});

test('a request that gets a problem document after its body has ended keeps its connection', async () => {
  const fixture = await ProxyFixture.start();
  fixture.upstream.script = saying(
    rawResponse('403 Forbidden', '', 'WWW-Authenticate: Bearer error="insufficient_scope"'),
  );
  const client = await fixture.connect();
  client.send(rawRequest('POST /api/items', ['Content-Length: 5'], 'hello'));
  expect(await client.readResponse()).toMatchObject({ status: 502 });
  // Longer than the proxy waits for the rest of a body.
  await setTimeout(1_200);
  client.send(get);
  expect(await client.readResponse()).toMatchObject({ status: 502 });
});
