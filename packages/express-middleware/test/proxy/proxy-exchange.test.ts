import type { Socket } from 'node:net';
import { until } from '@instellix/testing';
import type { RequestHandler } from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { InstellixProxyOptions } from '../../src/proxy/proxy-options.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, type Script, saying, whole } from './scripted-upstream.ts';

const silent: Script = () => {};
const chunkedPost = (...headers: string[]) => rawRequest('POST /api/items', ['Transfer-Encoding: chunked', ...headers]);
const sizedPost = (length: number, body = '') => rawRequest('POST /api/items', [`Content-Length: ${length}`], body);
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const get = rawRequest('GET /api/items');
const sendInTwoParts = (socket: Socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
  setTimeout(() => socket.write('lf'), 20);
};
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).code;

describe('the token', () => {
  test('is sent with the forwarded headers only', async () => {
    const fixture = await ProxyFixture.start({ requestHeaders: ['X-Request-Id'] });
    const sent = [
      'Accept: a/b',
      'X-Request-Id: 7',
      'traceparent: 00-1',
      'If-Match: "a"',
      'Range: bytes=0-1',
      'Cookie: a=b',
    ];
    const response = await fixture.exchange(rawRequest('GET /api/items?limit=2', sent));
    expect(response).toMatchObject({ status: 200, body: 'ok', isWhole: true });
    const [arrival] = fixture.upstream.arrivals;
    expect(arrival?.target).toBe('/v1/items?limit=2');
    expect(arrival?.headers).toEqual([
      ['host', new URL(fixture.upstream.origin).host],
      ['connection', 'keep-alive'],
      ['via', expect.stringMatching(/^1\.1 instellix-proxy-[\da-f]{16}$/)],
      ['accept', 'a/b'],
      ['x-request-id', '7'],
      ['traceparent', '00-1'],
      ['if-match', '"a"'],
      ['range', 'bytes=0-1'],
      ['authorization', 'Bearer planted-token-1'],
    ]);
  });

  test('is requested once for simultaneous callers', async () => {
    const fixture = await ProxyFixture.start();
    const responses = await Promise.all(Array.from({ length: 50 }, () => fixture.exchange(get)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(fixture.upstream.tokenRequests).toBe(1);
  });

  test('that cannot be obtained is a 502, and nothing is sent', async () => {
    const fixture = await ProxyFixture.start();
    const refusal = rawResponse('400 No', '{"error":"invalid_request"}');
    fixture.upstream.respondToToken = (socket) => void socket.write(refusal);
    const response = await fixture.exchange(get);
    expect([response.status, codeOf(response)]).toEqual([502, 'token_request_refused']);
    expect(response.body).not.toMatch(/127\.0\.0\.1|acme|secret/);
    expect(fixture.upstream.arrivals).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 502, code: 'token_request_refused' }]);
    expect(fixture.events[0]?.error?.message).toContain('Check the realm');
  });

  test('of a closed client is a 503', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.close();
    const response = await fixture.exchange(get);
    expect([response.status, codeOf(response)]).toEqual([503, 'client_closed']);
  });

  test('of a throttled token endpoint is a 503 with Retry-After', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.respondToToken = (socket) => void socket.write(rawResponse('429 Slow', '', 'Retry-After: 60'));
    const response = await fixture.exchange(get);
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^(59|60)$/) } });
    expect(codeOf(response)).toBe('token_request_throttled');
  });
});

describe('a 401 of the API', () => {
  async function spoilt(options = {}) {
    const fixture = await ProxyFixture.start(options);
    await fixture.client.getToken();
    fixture.upstream.firstValid = 2;
    return fixture;
  }

  test.each([
    ['a request without a body', get, ''],
    ['a short body of known length', sizedPost(5, 'hello'), 'hello'],
    ['a short body of unknown length', `${chunkedPost()}${chunk('hello')}${chunk(' you')}0\r\n\r\n`, 'hello you'],
    ['the longest kept body', sizedPost(65_536, 'a'.repeat(65_536)), 'a'.repeat(65_536)],
  ])('is followed by one resend with the same bytes: %s', async (_, bytes, body) => {
    const fixture = await spoilt();
    expect(await fixture.exchange(bytes)).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals.map((arrival) => [arrival.header('authorization'), arrival.body])).toEqual([
      ['Bearer planted-token-1', body],
      ['Bearer planted-token-2', body],
    ]);
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded', status: 200, rule: '/**', resent: true }]);
  });

  test('keeps its connection for the resent request', async () => {
    const fixture = await spoilt();
    await fixture.exchange(get);
    // One for tokens, one for both requests.
    expect(fixture.upstream.connections).toHaveLength(2);
  });

  test('is followed by a wait that neither headersMs nor idleMs limits', async () => {
    const fixture = await spoilt({ timeouts: { headersMs: 60, idleMs: 60 } });
    fixture.upstream.respondToToken = (socket) => {
      const token = JSON.stringify({ access_token: 'planted-token-2', token_type: 'bearer', expires_in: 300 });
      setTimeout(() => socket.write(rawResponse('200 OK', token, 'Content-Type: application/json')), 300);
    };
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
  });

  test('with an endless body does not delay the resent request', async () => {
    const fixture = await spoilt();
    fixture.upstream.refuse = (_, socket) =>
      void socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nn');
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
    const [refused] = fixture.upstream.connections.filter(({ bytesRead }) => bytesRead > 0).slice(1);
    expect(refused?.destroyed).toBe(false);
  });

  test.each([
    ['is longer than the kept part', {}, sizedPost(65_537, 'a'.repeat(65_537))],
    [
      'is longer than the kept part, in chunks',
      { resendBodyBytes: 8 },
      `${chunkedPost()}${chunk('hello')}${chunk('fixture')}0\r\n\r\n`,
    ],
    ['is not kept', { resendBodyBytes: 0 }, sizedPost(5, 'hello')],
    ['is not kept, and turns out to be empty', { resendBodyBytes: 0 }, `${chunkedPost()}0\r\n\r\n`],
  ])('is a 502 for a body that %s, and the next request has a new token', async (_, options, bytes) => {
    const fixture = await spoilt(options);
    const response = await fixture.exchange(bytes);
    expect([response.status, codeOf(response), fixture.upstream.arrivals.length]).toEqual([502, 'token_rejected', 1]);
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
    expect(fixture.upstream.arrivals.map(({ header }) => header('authorization'))).toEqual([
      'Bearer planted-token-1',
      'Bearer planted-token-2',
    ]);
  });

  test('before the body is complete is followed by a resend of the whole body', async () => {
    const fixture = await spoilt();
    fixture.upstream.script = saying(rawResponse('200 OK', 'ok'));
    const early = saying(rawResponse('401 Unauthorized', ''));
    fixture.upstream.refuse = (arrival, socket) => early({ ...arrival, isWhole: true }, socket);
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => fixture.upstream.arrivals.length === 2);
    client.send(`${chunk(' fixture')}0\r\n\r\n`);
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals[1]?.body).toBe('hello fixture');
  });

  test('before the body is complete loses no bytes that arrive during the refresh', async () => {
    const fixture = await spoilt();
    let issue = () => {};
    fixture.upstream.respondToToken = (socket) => {
      const token = { access_token: 'planted-token-2', token_type: 'bearer', expires_in: 300 };
      issue = () => void socket.write(rawResponse('200 OK', JSON.stringify(token)));
    };
    fixture.upstream.refuse = (_, socket) => void socket.write(rawResponse('401 Unauthorized', ''));
    const client = await fixture.connect();
    // Nearly as much as is kept for a resend.
    const begin = 'b'.repeat(60_000);
    client.send(`${chunkedPost()}${chunk(begin)}`);
    await until(() => fixture.upstream.tokenRequests === 2);
    const more = 'a'.repeat(200_000);
    client.send(`${chunk(more)}0\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    issue();
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals[1]?.body).toBe(`${begin}${more}`);
  });

  test('with an endless body does not delay the resend', async () => {
    const fixture = await spoilt();
    let sent = 0;
    fixture.upstream.refuse = (_, socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = () => {
        sent += 100_000;
        if (!socket.destroyed) socket.write(chunk('a'.repeat(100_000)), () => setImmediate(more));
      };
      more();
    };
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
    // The maximum that the kernel buffers before the connection is closed.
    expect(sent).toBeLessThan(32 * 2 ** 20);
  });
});

test('a request that was not resent is not reported as resent', async () => {
  const fixture = await ProxyFixture.start();
  await fixture.client.getToken();
  fixture.upstream.firstValid = 2;
  fixture.upstream.respondToToken = (socket) => void socket.write(rawResponse('400 No', '{"error":"invalid_request"}'));
  expect(await fixture.exchange(get)).toMatchObject({ status: 502 });
  expect(fixture.upstream.arrivals).toHaveLength(1);
  expect(fixture.events).toMatchObject([{ outcome: 'failed', code: 'token_request_refused', resent: false }]);
});

describe('a client disconnect', () => {
  test('ends its own wait for a token, and no other', async () => {
    const fixture = await ProxyFixture.start();
    let issue = () => {};
    fixture.upstream.respondToToken = (socket) => {
      issue = () => {
        const token = { access_token: 'planted-token-1', token_type: 'bearer', expires_in: 300 };
        socket.write(rawResponse('200 OK', JSON.stringify(token)));
      };
    };
    const patient = fixture.exchange(get);
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.tokenRequests === 1);
    client.destroy();
    await until(() => fixture.events.length === 1);
    issue();
    expect(await patient).toMatchObject({ status: 200 });
    expect(fixture.upstream.arrivals).toHaveLength(1);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: undefined }, { outcome: 'forwarded' }]);
  });

  test('ends a token request without other callers', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.respondToToken = () => {};
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.tokenRequests === 1);
    client.destroy();
    await until(() => fixture.upstream.connections[0]?.destroyed === true);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test.each([
    ['before the response', silent],
    [
      'during the response',
      ((_, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')) as Script,
    ],
  ])('%s ends its request at the API', async (_, script) => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = script;
    const client = await fixture.connect();
    client.send(get);
    await until(
      () => fixture.upstream.arrivals.length === 1 && (script === silent || client.received.includes('half')),
    );
    client.destroy();
    await until(() => fixture.events.length === 1);
    await until(() => fixture.upstream.connections.every((socket, i) => i === 0 || socket.destroyed));
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('while the connection to the API opens prevents the request', async () => {
    const fixture = await ProxyFixture.start({
      authorize: ({ socket }) => {
        // While the proxy connects.
        setImmediate(() => socket.destroy());
        return true;
      },
    });
    await fixture.client.getToken();
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.connections.length === 2 && fixture.events.length === 1);
    await until(() => fixture.upstream.connections[1]?.destroyed === true);
    expect(fixture.upstream.arrivals).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('during its body leaves an incomplete request at the API', async () => {
    const fixture = await ProxyFixture.start();
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('half')}`);
    await until(() => fixture.upstream.arrivals[0]?.body === 'half');
    client.destroy();
    await until(() => fixture.upstream.arrivals[0]?.isCutOff === true);
    expect(fixture.upstream.arrivals).toMatchObject([{ isWhole: false }]);
  });

  test.each([
    ['short', 5],
    ['long', 70_000],
  ])('during a %s body leaves an incomplete request at the API', async (_, length) => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    const client = await fixture.connect();
    client.send(sizedPost(length, 'half'));
    client.socket.end();
    await client.ended();
    await until(() => fixture.events.length === 1);
    expect(fixture.upstream.arrivals.filter(({ isWhole }) => isWhole)).toEqual([]);
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
  });
});

describe('a body', () => {
  test('that arrives slowly is forwarded as it arrives', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { headersMs: 250, idleMs: 2_000 } });
    const client = await fixture.connect();
    client.send(chunkedPost());
    for (const letter of 'dripping') {
      client.send(chunk(letter));
      await until(() => fixture.upstream.arrivals[0]?.body.endsWith(letter) === true);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    client.send('0\r\n\r\n');
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals).toMatchObject([{ body: 'dripping', isWhole: true }]);
  });

  test.each([
    ['short', sizedPost(5, 'he'), 0],
    ['long', sizedPost(70_000, 'he'), 1],
    ['chunked', `${chunkedPost()}${chunk('he')}`, 1],
  ])('that stops arriving is a 408, and leaves an incomplete request: %s', async (_, bytes, arrives) => {
    const fixture = await ProxyFixture.start({ timeouts: { idleMs: 250 } });
    const response = await fixture.exchange(bytes);
    expect([response.status, codeOf(response)]).toEqual([408, 'request_timeout']);
    await until(() => fixture.upstream.arrivals.every(({ isCutOff }) => isCutOff));
    expect(fixture.upstream.arrivals.map(({ isWhole }) => isWhole)).toEqual(Array(arrives).fill(false));
    expect(fixture.events).toMatchObject([{ outcome: 'refused', status: 408 }]);
  });

  test('that exceeds the limit is a 413, and leaves an incomplete request at the API', async () => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10 });
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => fixture.upstream.arrivals[0]?.body === 'hello');
    client.send(`${chunk('fixture!')}0\r\n\r\n`);
    const response = await client.readResponse();
    expect([response.status, codeOf(response)]).toEqual([413, 'body_too_large']);
    await until(() => fixture.upstream.arrivals[0]?.isCutOff === true);
    expect(fixture.upstream.arrivals).toMatchObject([{ isWhole: false }]);
    expect(fixture.events).toMatchObject([{ outcome: 'refused', status: 413, code: 'body_too_large' }]);
  });

  test('that is as long as the limit is forwarded', async () => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10 });
    expect(await fixture.exchange(`${chunkedPost()}${chunk('hello')}${chunk('proxy')}0\r\n\r\n`)).toMatchObject({
      status: 200,
    });
    expect(fixture.upstream.arrivals).toMatchObject([{ body: 'helloproxy', isWhole: true }]);
  });

  test('that exceeds the limit and ends keeps the connection for the next request', async () => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10 });
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}${chunk('fixture!')}`);
    expect(await client.readResponse()).toMatchObject({ status: 413 });
    client.send(`${chunk('more')}0\r\n\r\n${get}`);
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
  });

  test('that is rejected unread does not keep its connection for long', async () => {
    const fixture = await ProxyFixture.start();
    const client = await fixture.connect();
    client.send(sizedPost(999_999_999, 'some'));
    expect(await client.readResponse()).toMatchObject({ status: 413, isWhole: true, connection: 'open' });
    client.send('more'.repeat(100_000));
    await client.ended();
  });

  test('that is rejected unread and ends keeps the connection for the next request', async () => {
    const fixture = await ProxyFixture.start({ allow: [{ methods: ['GET'], path: '/items' }] });
    const client = await fixture.connect();
    client.send(`${sizedPost(5, 'hello')}${get}`);
    expect(await client.readResponse()).toMatchObject({ status: 405 });
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
  });

  test('that gets an early response is not forwarded further', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = (_, socket) => void socket.write(rawResponse('413 Too Large', 'enough'));
    const client = await fixture.connect();
    client.send(sizedPost(5_000_000, 'a'.repeat(100_000)));
    expect(await client.readResponse()).toMatchObject({ status: 413, body: 'enough', isWhole: true });
    client.send('b'.repeat(1_000_000));
    await client.ended();
    expect(fixture.upstream.arrivals).toMatchObject([{ isWhole: false }]);
    expect(fixture.upstream.arrivals[0]?.body).not.toContain('b');
    fixture.upstream.script = saying(rawResponse('200 OK', 'ok'));
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
  });

  test('that ends after its exchange is not sent', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { totalMs: 1_000 } });
    await fixture.client.getToken();
    const client = await fixture.connect();
    client.send(sizedPost(5, 'he'));
    expect(await client.readResponse()).toMatchObject({ status: 504 });
    client.send(`llo${get}`);
    expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals).toMatchObject([{ method: 'GET' }]);
  });

  test.each([0, 5_000_000])(
    'that other middleware responds to meanwhile keeps the connection for the next request: %i bytes more',
    async (more) => {
      const finish: (() => void)[] = [];
      const fixture = await ProxyFixture.start({}, (app, proxy) => {
        app.use((_request, response, next) => {
          finish.push(() => void response.end('other'));
          next();
        });
        app.use('/api', proxy);
      });
      fixture.upstream.script = (arrival, socket) => {
        if (arrival.method === 'POST') socket.pause();
        else socket.write(rawResponse('200 OK', 'ok'));
      };
      const client = await fixture.connect();
      client.send(sizedPost(100_000 + more, 'a'.repeat(50_000 + more)));
      await until(() => fixture.upstream.arrivals.length === 1);
      finish[0]?.();
      expect(await client.readResponse()).toMatchObject({ body: 'other' });
      client.send(`${'a'.repeat(50_000)}${get}`);
      expect(await client.readResponse()).toMatchObject({ status: 200, body: 'ok' });
      expect(fixture.events).toMatchObject([{ outcome: 'aborted' }, { outcome: 'forwarded' }]);
    },
  );

  test('can arrive during its response', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = async (arrival, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write(chunk('first'));
      await whole(arrival);
      socket.write(`${chunk(arrival.body)}0\r\n\r\n`);
    };
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => client.received.includes('first'));
    client.send(`${chunk(' you')}0\r\n\r\n`);
    expect(await client.readResponse()).toMatchObject({ body: 'firsthello you', isWhole: true });
  });
});

describe('a response', () => {
  test.each([
    ['that arrives whole', saying(rawResponse('200 OK', 'ok'))],
    ['in two parts', (_: unknown, socket: Socket) => sendInTwoParts(socket)],
    ['without a body', saying('HTTP/1.1 204 No Content\r\n\r\n')],
  ])('%s leaves no timer behind', async (_, script) => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = script;
    const started = vi.spyOn(globalThis, 'setInterval');
    const stopped = vi.spyOn(globalThis, 'clearInterval');
    onTestFinished(() => {
      started.mockRestore();
      stopped.mockRestore();
    });
    await fixture.exchange(get);
    await until(() => fixture.events.length === 1);
    const timers = started.mock.results.map(({ value }) => value);
    expect(timers.length).toBeGreaterThan(0);
    expect(stopped.mock.calls.flat()).toEqual(expect.arrayContaining(timers));
  });
});

describe('a response that waits behind another one of its connection', () => {
  const pipelined = rawRequest('GET /api/slow') + rawRequest('GET /api/quick');
  const drip = (socket: Socket, times: number) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${times}\r\n\r\n`);
    const timer = setInterval(() => {
      socket.write('a');
      if (--times === 0) clearInterval(timer);
    }, 30);
    socket.once('close', () => clearInterval(timer));
  };

  test('ends with the connection when it breaks off', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    fixture.upstream.script = ({ target }, socket) => {
      if (target !== '/v1/quick') return;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.resetAndDestroy());
    };
    const client = await fixture.connect();
    client.send(pipelined);
    await client.ended();
    expect(client.received).not.toContain('half');
    await until(() => fixture.events.length === 2);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 200 }, { outcome: 'aborted' }]);
  });

  test('does not make the other one look whole when it breaks off, under HTTP/1.0', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    fixture.upstream.script = ({ target }, socket) => {
      if (target === '/v1/slow') {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nha\r\n');
      } else {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
        setTimeout(() => socket.resetAndDestroy(), 100);
      }
    };
    const client = await fixture.connect();
    client.send(pipelined.replaceAll('HTTP/1.1\r\n', 'HTTP/1.0\r\nConnection: keep-alive\r\n'));
    expect(await client.readResponse()).toMatchObject({ status: 200, isWhole: false, connection: 'reset' });
  });

  test('is forwarded although the other one begins later than idleMs', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { idleMs: 60 } });
    await fixture.client.getToken();
    fixture.upstream.script = ({ target }, socket) => {
      if (target === '/v1/slow') setTimeout(() => socket.write(rawResponse('200 OK', 'slow')), 300);
      else socket.write(rawResponse('200 OK', 'quick'));
    };
    const client = await fixture.connect();
    client.send(pipelined);
    expect(await client.readResponse()).toMatchObject({ body: 'slow' });
    expect(await client.readResponse()).toMatchObject({ body: 'quick' });
    await until(() => fixture.events.length === 2);
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }, { outcome: 'forwarded' }]);
  });

  /** Node 20 and 22 do not close a response that waits when its connection closes. */
  const asInNode20: RequestHandler = (_request, response, next) => {
    const { emit } = response;
    if (!response.socket) {
      Object.defineProperty(response, 'destroyed', { get: () => false, set: () => {} });
      response.emit = (name: string, ...given: unknown[]) => name !== 'close' && emit.call(response, name, ...given);
    }
    next();
  };

  /** Sends both requests to an API that does not respond, disconnects when `arrivals` have arrived, and waits for `events`. */
  async function abandon(options: Partial<InstellixProxyOptions>, arrivals: number, events: number) {
    const fixture = await ProxyFixture.start(options, (app, proxy) => app.use('/api', asInNode20, proxy));
    await fixture.client.getToken();
    fixture.upstream.script = silent;
    const client = await fixture.connect();
    client.send(pipelined);
    await until(() => fixture.upstream.arrivals.length === arrivals);
    client.destroy();
    await until(() => fixture.events.length === events);
    return fixture;
  }

  test('is aborted when the caller leaves', async () => {
    const fixture = await abandon({}, 2, 2);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }, { outcome: 'aborted' }]);
    await until(() => fixture.upstream.connections.slice(1).every(({ destroyed }) => destroyed));
  });

  test('is not requested when the caller leaves before that', async () => {
    let allow = (_isAllowed: boolean) => {};
    const authorize = ({ path }: { path: string }) =>
      path === '/slow' || new Promise<boolean>((resolve) => (allow = resolve));
    const fixture = await abandon({ authorize }, 1, 1);
    allow(true);
    await until(() => fixture.events.length === 2);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }, { outcome: 'aborted' }]);
    expect(fixture.upstream.arrivals).toHaveLength(1);
  });

  test('is not idle while bytes of the other one move', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { idleMs: 150 } });
    await fixture.client.getToken();
    const body = 'b'.repeat(300_000);
    fixture.upstream.script = ({ target }, socket) => {
      if (target === '/v1/slow') drip(socket, 20);
      else socket.write(rawResponse('200 OK', body));
    };
    const client = await fixture.connect();
    client.send(pipelined);
    expect(await client.readResponse()).toMatchObject({ body: 'a'.repeat(20), isWhole: true });
    expect((await client.readResponse()).body === body).toBe(true);
    await until(() => fixture.events.length === 2);
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }, { outcome: 'forwarded' }]);
  });
});

describe('an API that is too slow', () => {
  test.each([
    ['to respond', { headersMs: 50 }, get, silent],
    ['altogether', { totalMs: 50 }, get, silent],
    [
      'with endless early hints',
      { headersMs: 80 },
      get,
      ((_, socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10);
        socket.once('close', () => clearInterval(timer));
      }) as Script,
    ],
    ['to respond to a body', { headersMs: 50 }, sizedPost(5, 'hello'), silent],
    ['to respond to a long body', { headersMs: 50 }, sizedPost(70_000, 'a'.repeat(70_000)), silent],
    [
      'to read a body',
      { idleMs: 100 },
      sizedPost(9_000_000, 'a'.repeat(9_000_000)),
      ((_, socket) => void socket.pause()) as Script,
    ],
  ])('%s is a 504', async (_, timeouts, bytes, script) => {
    const fixture = await ProxyFixture.start({ timeouts });
    await fixture.client.getToken();
    fixture.upstream.script = script;
    const response = await fixture.exchange(bytes);
    expect([response.status, codeOf(response)]).toEqual([504, 'upstream_timeout']);
    expect(fixture.upstream.arrivals).toHaveLength(1);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 504, code: 'upstream_timeout' }]);
  });

  test.each([{ idleMs: 50 }, { totalMs: 80 }])(
    'within its response is an incomplete response: %o',
    async (timeouts) => {
      const fixture = await ProxyFixture.start({ timeouts });
      await fixture.client.getToken();
      fixture.upstream.script = (_, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
      expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'half', isWhole: false });
      expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 200, code: 'upstream_timeout' }]);
    },
  );

  test('to connect is a 504, and one that does not run is a 502', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    await fixture.upstream.close();
    const response = await fixture.exchange(get);
    expect([response.status, codeOf(response)]).toEqual([502, 'upstream_failed']);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', reason: 'ECONNREFUSED' }]);
  });
});
