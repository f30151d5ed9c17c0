import { describe, expect, test } from 'vitest';
import { ProxyFixture, rawRequest, until } from './proxy-fixture.ts';
import { rawAnswer, type Script, saying, whole } from './scripted-upstream.ts';

const silent: Script = () => {};
const chunkedPost = (...headers: string[]) => rawRequest('POST /api/items', ['Transfer-Encoding: chunked', ...headers]);
const sizedPost = (length: number, body = '') => rawRequest('POST /api/items', [`Content-Length: ${length}`], body);
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const get = rawRequest('GET /api/items');
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).code;

describe('the token', () => {
  test('goes along with what may be forwarded, and with nothing else', async () => {
    const fixture = await ProxyFixture.start({ requestHeaders: ['X-Request-Id'] });
    const sent = [
      'Accept: a/b',
      'X-Request-Id: 7',
      'traceparent: 00-1',
      'If-Match: "a"',
      'Range: bytes=0-1',
      'Cookie: a=b',
    ];
    const answer = await fixture.exchange(rawRequest('GET /api/items?limit=2', sent));
    expect(answer).toMatchObject({ status: 200, body: 'ok', isWhole: true });
    const [arrival] = fixture.upstream.journal;
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

  test('is asked for once, however many callers come at once', async () => {
    const fixture = await ProxyFixture.start();
    const answers = await Promise.all(Array.from({ length: 50 }, () => fixture.exchange(get)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(fixture.upstream.tokensIssued).toBe(1);
  });

  test('is not to be had: that is no fault of the caller’s, and nothing is sent', async () => {
    const fixture = await ProxyFixture.start();
    const refusal = rawAnswer('400 No', '{"error":"invalid_request"}');
    fixture.upstream.tokenAnswer = (socket) => void socket.write(refusal);
    const answer = await fixture.exchange(get);
    expect([answer.status, codeOf(answer)]).toEqual([502, 'token_request_refused']);
    expect(answer.body).not.toMatch(/127\.0\.0\.1|acme|secret/);
    expect(fixture.upstream.journal).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 502, code: 'token_request_refused' }]);
    expect(fixture.events[0]?.error?.message).toContain('Check the realm');
  });

  test('cannot be had of a client that is closed', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.close();
    const answer = await fixture.exchange(get);
    expect([answer.status, codeOf(answer)]).toEqual([503, 'client_closed']);
  });

  test('is worth waiting for: a throttled token endpoint tells callers when to come again', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.tokenAnswer = (socket) => void socket.write(rawAnswer('429 Slow', '', 'Retry-After: 60'));
    const answer = await fixture.exchange(get);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^(59|60)$/) } });
    expect(codeOf(answer)).toBe('token_request_throttled');
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
    ['the longest body that is kept', sizedPost(65_536, 'a'.repeat(65_536)), 'a'.repeat(65_536)],
  ])('is healed by one replay with the same bytes: %s', async (_, bytes, body) => {
    const fixture = await spoilt();
    expect(await fixture.exchange(bytes)).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.journal.map((arrival) => [arrival.header('authorization'), arrival.body])).toEqual([
      ['Bearer planted-token-1', body],
      ['Bearer planted-token-2', body],
    ]);
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded', status: 200, rule: '/**', resent: true }]);
  });

  test('leaves its connection for the resent request', async () => {
    const fixture = await spoilt();
    await fixture.exchange(get);
    // One for tokens, one for both requests.
    expect(fixture.upstream.connections).toHaveLength(2);
  });

  test('whose body never ends delays nothing: the request is resent while that body is still open', async () => {
    const fixture = await spoilt();
    fixture.upstream.refuse = (_, socket) =>
      void socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nn');
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
    const [refused] = fixture.upstream.connections.filter(({ bytesRead }) => bytesRead > 0).slice(1);
    expect(refused?.destroyed).toBe(false);
  });

  test.each([
    ['is longer than what is kept', {}, sizedPost(65_537, 'a'.repeat(65_537))],
    [
      'is longer than what is kept, in chunks',
      { resendBodyBytes: 8 },
      `${chunkedPost()}${chunk('hello')}${chunk('fixture')}0\r\n\r\n`,
    ],
    ['is not to be kept', { resendBodyBytes: 0 }, sizedPost(5, 'hello')],
  ])('is a 502 for a body that %s, and the next caller gets a new token', async (_, options, bytes) => {
    const fixture = await spoilt(options);
    const answer = await fixture.exchange(bytes);
    expect([answer.status, codeOf(answer), fixture.upstream.journal.length]).toEqual([502, 'token_rejected', 1]);
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
    expect(fixture.upstream.journal.map(({ header }) => header('authorization'))).toEqual([
      'Bearer planted-token-1',
      'Bearer planted-token-2',
    ]);
  });

  test('that comes before the body is whole is healed with the whole body', async () => {
    const fixture = await spoilt();
    fixture.upstream.script = saying(rawAnswer('200 OK', 'ok'));
    const early = saying(rawAnswer('401 Unauthorized', ''));
    fixture.upstream.refuse = (arrival, socket) => early({ ...arrival, isWhole: true }, socket);
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => fixture.upstream.journal.length === 2);
    client.send(`${chunk(' fixture')}0\r\n\r\n`);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.journal[1]?.body).toBe('hello fixture');
  });

  test('that comes before the body is whole loses nothing of what comes while the token is renewed', async () => {
    const fixture = await spoilt();
    let issue = () => {};
    fixture.upstream.tokenAnswer = (socket) => {
      const answer = { access_token: 'planted-token-2', token_type: 'bearer', expires_in: 300 };
      issue = () => void socket.write(rawAnswer('200 OK', JSON.stringify(answer)));
    };
    fixture.upstream.refuse = (_, socket) => void socket.write(rawAnswer('401 Unauthorized', ''));
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => fixture.upstream.tokensIssued === 2);
    const more = 'a'.repeat(200_000);
    client.send(`${chunk(more)}0\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    issue();
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.journal[1]?.body).toBe(`hello${more}`);
  });

  test('with an endless body does not hold the replay up', async () => {
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
    // What the kernel takes in, at most, before it knows that nobody wants it.
    expect(sent).toBeLessThan(32 * 2 ** 20);
  });
});

test('a request that was not sent again is not reported as one that was', async () => {
  const fixture = await ProxyFixture.start();
  await fixture.client.getToken();
  fixture.upstream.firstValid = 2;
  fixture.upstream.tokenAnswer = (socket) => void socket.write(rawAnswer('400 No', '{"error":"invalid_request"}'));
  expect(await fixture.exchange(get)).toMatchObject({ status: 502 });
  expect(fixture.upstream.journal).toHaveLength(1);
  expect(fixture.events).toMatchObject([{ outcome: 'failed', code: 'token_request_refused', resent: false }]);
});

describe('a caller that goes away', () => {
  test('ends its own wait for a token, and nobody else’s', async () => {
    const fixture = await ProxyFixture.start();
    let issue = () => {};
    fixture.upstream.tokenAnswer = (socket) => {
      issue = () => {
        const answer = { access_token: 'planted-token-1', token_type: 'bearer', expires_in: 300 };
        socket.write(rawAnswer('200 OK', JSON.stringify(answer)));
      };
    };
    const patient = fixture.exchange(get);
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.tokensIssued === 1);
    client.destroy();
    await until(() => fixture.events.length === 1);
    issue();
    expect(await patient).toMatchObject({ status: 200 });
    expect(fixture.upstream.journal).toHaveLength(1);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: undefined }, { outcome: 'forwarded' }]);
  });

  test('ends the request for a token that nobody else waits for', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.tokenAnswer = () => {};
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.tokensIssued === 1);
    client.destroy();
    await until(() => fixture.upstream.connections[0]?.destroyed === true);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test.each([
    ['before the answer', silent],
    [
      'within the answer',
      ((_, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')) as Script,
    ],
  ])('%s ends its request at the API', async (_, script) => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = script;
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.journal.length === 1 && (script === silent || client.received.includes('half')));
    client.destroy();
    await until(() => fixture.events.length === 1);
    await until(() => fixture.upstream.connections.every((socket, i) => i === 0 || socket.destroyed));
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('while the connection to the API is being made has nothing sent', async () => {
    const fixture = await ProxyFixture.start({
      authorize: ({ socket }) => {
        socket.destroy();
        return true;
      },
    });
    await fixture.client.getToken();
    const client = await fixture.connect();
    client.send(get);
    await until(() => fixture.upstream.connections.length === 2 && fixture.events.length === 1);
    await until(() => fixture.upstream.connections[1]?.destroyed === true);
    expect(fixture.upstream.journal).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
  });

  test('within its body ends its request at the API, which never takes it for whole', async () => {
    const fixture = await ProxyFixture.start();
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('half')}`);
    await until(() => fixture.upstream.journal[0]?.body === 'half');
    client.destroy();
    await until(() => fixture.upstream.journal[0]?.isCutOff === true);
    expect(fixture.upstream.journal).toMatchObject([{ isWhole: false }]);
  });

  test.each([
    ['short', 5],
    ['long', 70_000],
  ])('before a %s body is as long as announced leaves the API without a whole request', async (_, length) => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    const client = await fixture.connect();
    client.send(sizedPost(length, 'half'));
    client.socket.end();
    await client.ended();
    await until(() => fixture.events.length === 1);
    expect(fixture.upstream.journal.filter(({ isWhole }) => isWhole)).toEqual([]);
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
  });
});

describe('a body', () => {
  test('that drips in is forwarded as it comes', async () => {
    const fixture = await ProxyFixture.start({ timeouts: { headersMs: 60, idleMs: 2_000 } });
    const client = await fixture.connect();
    client.send(chunkedPost());
    for (const letter of 'dripping') {
      client.send(chunk(letter));
      await until(() => fixture.upstream.journal[0]?.body.endsWith(letter) === true);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    client.send('0\r\n\r\n');
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.journal).toMatchObject([{ body: 'dripping', isWhole: true }]);
  });

  test.each([
    ['short', sizedPost(5, 'he'), 0],
    ['long', sizedPost(70_000, 'he'), 1],
    ['chunked', `${chunkedPost()}${chunk('he')}`, 1],
  ])('that stops coming is a 408, and nothing whole arrives: %s', async (_, bytes, arrives) => {
    const fixture = await ProxyFixture.start({ timeouts: { idleMs: 50 } });
    const answer = await fixture.exchange(bytes);
    expect([answer.status, codeOf(answer)]).toEqual([408, 'request_timeout']);
    await until(() => fixture.upstream.journal.every(({ isCutOff }) => isCutOff));
    expect(fixture.upstream.journal.map(({ isWhole }) => isWhole)).toEqual(Array(arrives).fill(false));
    expect(fixture.events).toMatchObject([{ outcome: 'refused', status: 408 }]);
  });

  test('that turns out too large is a 413, and the API never takes what it has for whole', async () => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10 });
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}`);
    await until(() => fixture.upstream.journal[0]?.body === 'hello');
    client.send(`${chunk('fixture!')}0\r\n\r\n`);
    const answer = await client.answer();
    expect([answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
    await until(() => fixture.upstream.journal[0]?.isCutOff === true);
    expect(fixture.upstream.journal).toMatchObject([{ isWhole: false }]);
    expect(fixture.events).toMatchObject([{ outcome: 'refused', status: 413, code: 'body_too_large' }]);
  });

  test('that turns out too large and comes to its end leaves the connection for the next request', async () => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10 });
    const client = await fixture.connect();
    client.send(`${chunkedPost()}${chunk('hello')}${chunk('fixture!')}`);
    expect(await client.answer()).toMatchObject({ status: 413 });
    client.send(`${chunk('more')}0\r\n\r\n${get}`);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
  });

  test('that is refused unread does not keep its connection for long', async () => {
    const fixture = await ProxyFixture.start();
    const client = await fixture.connect();
    client.send(sizedPost(999_999_999, 'some'));
    expect(await client.answer()).toMatchObject({ status: 413, isWhole: true, connection: 'open' });
    client.send('more'.repeat(100_000));
    await client.ended();
  });

  test('that is refused unread and comes to its end leaves the connection for the next request', async () => {
    const fixture = await ProxyFixture.start({ allow: [{ methods: ['GET'], path: '/items' }] });
    const client = await fixture.connect();
    client.send(`${sizedPost(5, 'hello')}${get}`);
    expect(await client.answer()).toMatchObject({ status: 405 });
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' });
  });

  test('that the API answers before it has it gets its answer, and goes no further', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = (_, socket) => void socket.write(rawAnswer('413 Too Large', 'enough'));
    const client = await fixture.connect();
    client.send(sizedPost(5_000_000, 'a'.repeat(100_000)));
    expect(await client.answer()).toMatchObject({ status: 413, body: 'enough', isWhole: true });
    client.send('b'.repeat(1_000_000));
    await client.ended();
    expect(fixture.upstream.journal).toMatchObject([{ isWhole: false }]);
    expect(fixture.upstream.journal[0]?.body).not.toContain('b');
    fixture.upstream.script = saying(rawAnswer('200 OK', 'ok'));
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
  });

  test('may come while its answer goes', async () => {
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
    expect(await client.answer()).toMatchObject({ body: 'firsthello you', isWhole: true });
  });
});

describe('an API that is too slow', () => {
  test.each([
    ['to answer', { headersMs: 50 }, get, silent],
    ['altogether', { totalMs: 50 }, get, silent],
    [
      'after early hints without end',
      { headersMs: 80 },
      get,
      ((_, socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10);
        socket.once('close', () => clearInterval(timer));
      }) as Script,
    ],
    ['to answer a body', { headersMs: 50 }, sizedPost(5, 'hello'), silent],
    ['to answer a long body', { headersMs: 50 }, sizedPost(70_000, 'a'.repeat(70_000)), silent],
    [
      'to take a body',
      { idleMs: 100 },
      sizedPost(9_000_000, 'a'.repeat(9_000_000)),
      ((_, socket) => void socket.pause()) as Script,
    ],
  ])('%s is a 504', async (_, timeouts, bytes, script) => {
    const fixture = await ProxyFixture.start({ timeouts });
    await fixture.client.getToken();
    fixture.upstream.script = script;
    const answer = await fixture.exchange(bytes);
    expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_timeout']);
    expect(fixture.upstream.journal).toHaveLength(1);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 504, code: 'upstream_timeout' }]);
  });

  test.each([{ idleMs: 50 }, { totalMs: 80 }])('within its answer never looks whole: %o', async (timeouts) => {
    const fixture = await ProxyFixture.start({ timeouts });
    await fixture.client.getToken();
    fixture.upstream.script = (_, socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'half', isWhole: false });
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 200, code: 'upstream_timeout' }]);
  });

  test('to connect is a 504, and one that is not there a 502', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.client.getToken();
    await fixture.upstream.close();
    const answer = await fixture.exchange(get);
    expect([answer.status, codeOf(answer)]).toEqual([502, 'upstream_failed']);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', reason: 'ECONNREFUSED' }]);
  });
});
