import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import express from 'express';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, whole } from './scripted-upstream.ts';

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('a long response arrives over TLS byte for byte', async () => {
  const fixture = await ProxyFixture.start();
  const body = randomBytes(16 * 1024 * 1024);
  fixture.upstream.script = (_, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
  };
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'service.example' }]);
  const server = createServer({ key, cert }, express().use('/api', fixture.createProxy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const request = get({
      port: (server.address() as AddressInfo).port,
      path: '/api/file',
      ca: cert,
      servername: 'service.example',
    });
    const [response] = await once(request, 'response');
    expect(digest(await buffer(response))).toBe(digest(body));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('pipelined requests on one connection get their responses in order', async () => {
  const fixture = await ProxyFixture.start();
  const waits: Record<string, number> = { '/v1/slow': 50, '/v1/quick': 0, '/v1/last': 10 };
  fixture.upstream.script = async (arrival, socket) => {
    await whole(arrival);
    await setTimeout(waits[arrival.target]);
    socket.write(rawResponse('200 OK', `${arrival.target} ${arrival.body}`));
  };
  const caller = await fixture.connect();
  const upload = rawRequest('POST /api/quick', ['Content-Length: 4'], 'sent');
  caller.send(`${rawRequest('GET /api/slow')}${upload}${rawRequest('GET /api/last')}`);
  const bodies = [await caller.readResponse(), await caller.readResponse('POST'), await caller.readResponse()].map(
    ({ body }) => body,
  );
  expect(bodies).toEqual(['/v1/slow ', '/v1/quick sent', '/v1/last ']);
});
