import { gzipSync } from 'node:zlib';
import { until } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, type Script, saying, whole } from './scripted-upstream.ts';

const get = (...headers: string[]) => rawRequest('GET /api/items', headers);

describe('passes through unchanged:', () => {
  test.each([
    ['If-None-Match: "a"', rawResponse('304 Not Modified', '', 'ETag: "a"'), 304, ''],
    ['If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT', 'HTTP/1.1 304 Not Modified\r\n\r\n', 304, ''],
    ['If-Match: "b"', rawResponse('412 Precondition Failed', 'changed'), 412, 'changed'],
    ['If-Range: "a"', rawResponse('206 Partial Content', 'ello', 'Content-Range: bytes 1-4/5'), 206, 'ello'],
    ['Range: bytes=9-', rawResponse('416 Range Not Satisfiable', '', 'Content-Range: bytes */5'), 416, ''],
    ['Accept: a/b', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    ['Accept: a/b', rawResponse('200 OK', ''), 200, ''],
    ['Accept: a/b', rawResponse('205 Reset Content', ''), 205, ''],
    [
      'Accept: a/b',
      rawResponse('404 Not Found', '{"error":"none"}', 'Content-Type: application/json'),
      404,
      '{"error":"none"}',
    ],
    ['Accept: a/b', rawResponse('429 Too Many Requests', 'slow down', 'Retry-After: 3'), 429, 'slow down'],
    ['Accept: a/b', rawResponse('503 Service Unavailable', 'later', 'Retry-After: 3'), 503, 'later'],
  ])('%s with %j', async (header, response, status, body) => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = saying(response);
    const found = await fixture.exchange(get(header));
    expect(found).toMatchObject({ status, body, isWhole: true });
    for (const line of response.split('\r\n\r\n')[0]?.split('\r\n').slice(1) ?? [])
      expect(found.raw.toLowerCase()).toContain(`${line.toLowerCase()}\r\n`);
    const [name = ''] = header.toLowerCase().split(':');
    expect(`${name}: ${fixture.upstream.arrivals[0]?.header(name)}`.toLowerCase()).toBe(header.toLowerCase());
  });

  test('several requests on one connection, HEAD among them', async () => {
    const fixture = await ProxyFixture.start();
    const client = await fixture.connect();
    client.send(get() + rawRequest('HEAD /api/items') + get());
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
    expect(await client.readResponse('HEAD')).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '2' },
    });
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok', connection: 'open' });
  });

  test('a compressed response, byte for byte', async () => {
    const fixture = await ProxyFixture.start();
    const packed = gzipSync('hello '.repeat(1_000)).toString('latin1');
    fixture.upstream.script = saying(rawResponse('200 OK', packed, 'Content-Encoding: gzip', 'Vary: Accept-Encoding'));
    const response = await fixture.exchange(get('Accept-Encoding: gzip'));
    expect(response.body).toBe(packed);
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  });

  test('a compressed body, byte for byte', async () => {
    const fixture = await ProxyFixture.start();
    const packed = gzipSync('hello '.repeat(1_000)).toString('latin1');
    const sent = [`Content-Length: ${packed.length}`, 'Content-Encoding: gzip', 'Content-Type: text/plain'];
    await fixture.exchange(rawRequest('POST /api/items', sent, packed));
    expect(fixture.upstream.arrivals[0]?.body).toBe(packed);
    expect(fixture.upstream.arrivals[0]?.header('content-encoding')).toBe('gzip');
  });

  test('every byte, in path, headers and body', async () => {
    const fixture = await ProxyFixture.start({ requestHeaders: ['X-Note'] });
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1');
    const printable = `${all.slice(0x21, 0x7f)}${all.slice(0x80)}`;
    fixture.upstream.script = async (arrival, socket) => {
      await whole(arrival);
      saying(rawResponse('200 OK', arrival.body, `X-Note: ${arrival.header('x-note')}`))(arrival, socket);
    };
    const sent = ['Content-Length: 256', `X-Note: ${printable}`];
    const response = await fixture.exchange(rawRequest("POST /api/~a-b_c.d!$&'()*+,;=:@%C3%A9/%e2%82%ac", sent, all));
    expect(response).toMatchObject({ body: all, headers: { 'x-note': printable } });
    expect(fixture.upstream.arrivals[0]?.target).toBe("/v1/~a-b_c.d!$&'()*+,;=:@%C3%A9/%e2%82%ac");
  });
});

describe('server-sent events', () => {
  const events: Script = (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
  };

  test('start before the first event, and arrive one by one', async () => {
    const fixture = await ProxyFixture.start();
    let send = (_: string) => {};
    fixture.upstream.script = (arrival, socket) => {
      events(arrival, socket);
      send = (text) => void socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    };
    const client = await fixture.connect();
    client.send(get('Accept: text/event-stream'));
    await until(() => client.received.includes('\r\n\r\n'));
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event);
      await until(() => client.received.includes(event));
    }
    expect(fixture.events).toEqual([]);
  });

  test('continue while events arrive', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { headersMs: 60, idleMs: 60 } });
    fixture.upstream.script = (arrival, socket) => {
      events(arrival, socket);
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(++sent <= 10 ? '3\r\n:\n\n\r\n' : '0\r\n\r\n');
        if (sent > 10) clearInterval(timer);
      }, 20);
    };
    expect(await fixture.exchange(get())).toMatchObject({ body: ':\n\n'.repeat(10), isWhole: true });
  });
});
