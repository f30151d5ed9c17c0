import { until } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, whole } from './scripted-upstream.ts';

const refusal = rawResponse('401 Unauthorized', '');
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** The held token and the one in the store are both revoked. The API refuses the first request before its body is complete. */
async function revokedTwice(): Promise<ProxyFixture> {
  const fixture = await ProxyFixture.start();
  const { client, neighbour, upstream } = fixture;
  await neighbour.getToken({ rejected: await client.getToken() });
  upstream.firstValid = 3;
  upstream.refuse = async (arrival, socket) => {
    if (upstream.arrivals.length > 1) await whole(arrival);
    socket.write(refusal);
  };
  return fixture;
}

describe('a 401 for a token of the store', () => {
  test.each([
    ['of unknown length', 'Transfer-Encoding: chunked', chunk],
    ['of known length', 'Content-Length: 70005', (part: string) => part],
  ])('ends the exchange when the body has outgrown what is kept: %s', async (_, header, encode) => {
    const fixture = await revokedTwice();
    const client = await fixture.connect();
    client.send(rawRequest('POST /api/items', [header], encode('hello')));
    await until(() => fixture.upstream.arrivals.length === 2);
    client.send(`${encode('a'.repeat(70_000))}${encode === chunk ? '0\r\n\r\n' : ''}`);
    const { status, body } = await client.readResponse();
    expect([status, JSON.parse(body).code]).toEqual([502, 'token_rejected']);
    expect(fixture.upstream.arrivals.map((arrival) => arrival.body.length)).toEqual([5, 70_005]);
  });

  test('is followed by a resend of the whole body when all of it was kept', async () => {
    const fixture = await revokedTwice();
    const client = await fixture.connect();
    client.send(rawRequest('POST /api/items', ['Transfer-Encoding: chunked'], chunk('hello')));
    await until(() => fixture.upstream.arrivals.length === 2);
    client.send(`${chunk(' you')}0\r\n\r\n`);
    expect(await client.readResponse()).toMatchObject({ status: 200 });
    expect(fixture.upstream.arrivals.map(({ body }) => body)).toEqual(['hello', 'hello you', 'hello you']);
  });
});
