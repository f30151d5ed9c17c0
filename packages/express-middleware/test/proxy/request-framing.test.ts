import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { RawClient } from './raw-client.ts';

const chunked = 'Transfer-Encoding: chunked';

test.each([
  ['Content-Length and Transfer-Encoding', ['Content-Length: 5', chunked], 400, 'malformed_framing'],
  ['Transfer-Encoding and Content-Length', [chunked, 'Content-Length: 5'], 400, 'malformed_framing'],
  ['chunked twice', ['Transfer-Encoding: chunked, chunked'], 501, 'transfer_coding_not_supported'],
  ['a coding behind chunked', ['Transfer-Encoding: chunked, gzip'], 501, 'transfer_coding_not_supported'],
])('prevents request smuggling with a lenient parser: %s', async (_, headers, status, code) => {
  const fixture = await ProxyFixture.start();
  const server = createServer({ insecureHTTPParser: true }, express().use('/api', fixture.createProxy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.send(rawRequest('POST /api/items', headers, '0\r\n\r\nGET /api/hidden HTTP/1.1\r\nHost: a\r\n\r\n'));
  const response = await client.readResponse();
  expect([response.status, JSON.parse(response.body).code]).toEqual([status, code]);
  await client.ended();
  expect(fixture.upstream.arrivals).toEqual([]);
  server.close();
});
