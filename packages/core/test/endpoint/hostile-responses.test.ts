import type { Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startRawServer } from './raw-server.ts';
import { basic, errorOf, secret, secretForms, summarize, token, tokenRequest } from './token-request-fixture.ts';

type RawResponse = string | Buffer | ((socket: Socket) => void);

/** A complete response. The client closes the connection. */
function http(status: number, body: string | Buffer = '', headers: readonly string[] = []): Buffer {
  const content = Buffer.from(body);
  const head = [`HTTP/1.1 ${status} Whatever`, 'Connection: close', `Content-Length: ${content.length}`, ...headers];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), content]);
}

const ok = (body: string | Buffer, ...headers: string[]) => http(200, body, headers);
/** A valid response with some fields changed, or left out when undefined. */
const fields = (changes: object) =>
  ok(JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269, ...changes }));
/** A valid response with an `expires_in` that JSON.stringify would not write like this. */
const expiresIn = (text: string) => ok(`{"access_token":"${token}","token_type":"bearer","expires_in":${text}}`);
const refusal = (status: number, body: object, ...headers: string[]) => http(status, JSON.stringify(body), headers);
const close = (bytes: string | Buffer) => (socket: Socket) => socket.end(bytes);
const headers = (...lines: string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;
const good = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269 });
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunked = headers('Connection: close', 'Transfer-Encoding: chunked');
const leaky = `${secret} Basic ${basic} Bearer ${token}`;

const invalid = 'final token_response_invalid';
const broken = 'transient token_endpoint_unavailable';
const timeout = 'transient token_request_timeout';

const responses: readonly (readonly [title: string, response: RawResponse, outcome: string])[] = [
  ['the documented response', fields({}), 'issued the token, 269000 ms'],
  ['token_type in capitals', fields({ token_type: 'BEARER' }), 'issued the token, 269000 ms'],
  ['status 201', http(201, good), 'issued the token, 269000 ms'],
  ['unknown fields', fields({ scope: 'a', refresh_token: token, '': null }), 'issued the token, 269000 ms'],
  ['a byte order mark before it', ok(`\ufeff${good}`), 'issued the token, 269000 ms'],
  ['no content type, or a wrong one', ok(good, 'Content-Type: text/html'), 'issued the token, 269000 ms'],
  [
    'early hints before it',
    Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'), fields({})]),
    'issued the token, 269000 ms',
  ],
  ['chunks of one byte', close(chunked + [...good].map(chunk).join('') + chunk('')), 'issued the token, 269000 ms'],
  ['gzip', ok(gzipSync(good), 'Content-Encoding: gzip'), 'issued the token, 269000 ms'],
  ['a body that ends with the connection', close(headers() + good), 'issued the token, 269000 ms'],
  ['HTTP/1.0', close(`HTTP/1.0 200 OK\r\n\r\n${good}`), 'issued the token, 269000 ms'],
  [
    'duplicate keys: the last one counts',
    ok(`{"access_token":"other",${good.slice(1)}`),
    'issued the token, 269000 ms',
  ],
  [
    'nesting 20,000 deep in an unknown field',
    ok(`{"x":${'['.repeat(20_000)}${']'.repeat(20_000)},${good.slice(1)}`),
    'issued the token, 269000 ms',
  ],
  [
    'an own __proto__ beside the fields',
    ok(`{"__proto__":{"expires_in":1},${good.slice(1)}`),
    'issued the token, 269000 ms',
  ],
  [
    'bytes after the end of the response',
    Buffer.concat([fields({}), Buffer.from('HTTP/1.1 200 OK\r\n\r\n')]),
    'issued the token, 269000 ms',
  ],

  ['expires_in "3600"', expiresIn('"3600"'), 'issued the token, 3600000 ms'],
  ['expires_in 0.001', expiresIn('0.001'), 'issued the token, 1 ms'],
  ['expires_in 1e-300, which is above 0', expiresIn('1e-300'), 'issued the token, 1 ms'],
  ['expires_in 1e308', expiresIn('1e308'), 'issued the token, 86400000 ms'],
  ['expires_in left out', fields({ expires_in: undefined }), 'issued the token, 300000 ms assumed'],
  ['expires_in null', expiresIn('null'), 'issued the token, 300000 ms assumed'],
  ['expires_in 1e400', expiresIn('1e400'), `${invalid} 200`],
  ['expires_in NaN', expiresIn('NaN'), `${invalid} 200`],
  ['expires_in "NaN"', expiresIn('"NaN"'), `${invalid} 200`],
  ['expires_in "Infinity"', expiresIn('"Infinity"'), `${invalid} 200`],
  ['expires_in " 3600"', expiresIn('" 3600"'), `${invalid} 200`],
  ['expires_in "3600abc"', expiresIn('"3600abc"'), `${invalid} 200`],
  ['expires_in "0x10"', expiresIn('"0x10"'), `${invalid} 200`],
  ['expires_in ""', expiresIn('""'), `${invalid} 200`],
  ['expires_in 0', expiresIn('0'), `${invalid} 200`],
  ['expires_in -0', expiresIn('-0'), `${invalid} 200`],
  ['expires_in -1', expiresIn('-1'), `${invalid} 200`],
  ['expires_in "-1"', expiresIn('"-1"'), `${invalid} 200`],
  ['expires_in true', expiresIn('true'), `${invalid} 200`],
  ['expires_in []', expiresIn('[]'), `${invalid} 200`],
  ['expires_in [300]', expiresIn('[300]'), `${invalid} 200`],
  ['expires_in {}', expiresIn('{}'), `${invalid} 200`],
  ['expires_in that quotes the secret', fields({ expires_in: leaky }), `${invalid} 200`],

  ['no access_token', fields({ access_token: undefined, token }), `${invalid} 200`],
  ['an empty access_token', fields({ access_token: '' }), `${invalid} 200`],
  ['an access_token that is a number', fields({ access_token: 12345 }), `${invalid} 200`],
  ['an access_token in an array', fields({ access_token: [token] }), `${invalid} 200`],
  ['an access_token with a space', fields({ access_token: `${token} x` }), `${invalid} 200`],
  ['an access_token that splits the header', fields({ access_token: `${token}\r\nX-Evil: 1` }), `${invalid} 200`],
  ['an access_token with a line break at its end', fields({ access_token: `${token}\n` }), `${invalid} 200`],
  ['an access_token that is not ASCII', fields({ access_token: `${token}ä` }), `${invalid} 200`],
  ['an access_token with NUL', fields({ access_token: `${token}\0` }), `${invalid} 200`],
  ['an access_token of nothing but padding', fields({ access_token: '===' }), `${invalid} 200`],
  [
    'an access_token of 9,000 characters',
    fields({ access_token: token.replace(/=*$/, 'a'.repeat(9_000)) }),
    `${invalid} 200`,
  ],
  ['an access_token of 1 MB', fields({ access_token: 'planted'.repeat(150_000) }), `${invalid} 200`],
  ['token_type mac', fields({ token_type: 'mac' }), `${invalid} 200`],
  ['no token_type', fields({ token_type: undefined }), `${invalid} 200`],
  ['token_type with a space', fields({ token_type: 'bearer ' }), `${invalid} 200`],
  ['a token_type that quotes the token', fields({ token_type: leaky }), `${invalid} 200`],
  ['a token_type in an array', fields({ token_type: ['bearer'] }), `${invalid} 200`],

  ['an HTML page with 200', ok(`<html>Sign in, ${leaky}</html>`, 'Content-Type: text/html'), `${invalid} 200`],
  ['an empty body with 200', ok(''), `${invalid} 200`],
  ['204', 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n', `${invalid} 204`],
  ['an array', ok(`[${good}]`), `${invalid} 200`],
  ['a string', ok(JSON.stringify(token)), `${invalid} 200`],
  ['a number', ok('1'), `${invalid} 200`],
  ['null', ok('null'), `${invalid} 200`],
  ['JSON that breaks off', ok(good.slice(0, -1)), `${invalid} 200`],
  ['JSON with something after it', ok(`${good}${token}`), `${invalid} 200`],
  ['JSON in single quotes', ok(good.replaceAll('"', "'")), `${invalid} 200`],
  [
    'invalid UTF-8 in an unknown field',
    ok(Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc3, 0x28]), Buffer.from(`",${good.slice(1)}`)])),
    `${invalid} 200`,
  ],
  ['UTF-16', ok(Buffer.from(`\ufeff${good}`, 'utf16le')), `${invalid} 200`],
  ['nothing but brackets, 60,000 deep', ok('['.repeat(60_000)), `${invalid} 200`],
  ['an error with 200', ok(JSON.stringify({ error: 'invalid_client', error_description: leaky })), `${invalid} 200`],
  [
    'an endless body',
    (socket) => {
      socket.write(headers('Connection: close'));
      writeForever(socket, 'planted'.repeat(1_000));
    },
    `${invalid} 200`,
  ],
  [
    'a valid body of 64 KiB and a byte',
    close(headers('Connection: close') + good + ' '.repeat(65_537 - good.length)),
    `${invalid} 200`,
  ],
  ['100 MB in 100 kB of gzip', ok(gzipSync(Buffer.alloc(100_000_000)), 'Content-Encoding: gzip'), `${invalid} 200`],
  ['gzip that breaks off', ok(gzipSync(good).subarray(0, 40), 'Content-Encoding: gzip'), `${invalid} 200`],
  ['Brotli that breaks off', ok(brotliCompressSync(good).subarray(0, 40), 'Content-Encoding: br'), `${invalid} 200`],
  ['a body that is not gzip', close(`${headers('Content-Encoding: gzip')}${leaky}`), `${invalid} 200`],
  [
    'gzip with a wrong checksum',
    close(Buffer.concat([Buffer.from(headers('Content-Encoding: gzip')), spoilt(gzipSync(good))])),
    `${invalid} 200`,
  ],

  ['a redirect to another path', http(302, '', ['Location: /elsewhere']), `${invalid} 302`],
  ['304', 'HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n', `${invalid} 304`],
  ['307 without Location', http(307), `${invalid} 307`],
  [
    '308 whose Location quotes the secret',
    http(308, leaky, [`Location: http://127.0.0.1:1/${encodeURIComponent(leaky)}`]),
    `${invalid} 308`,
  ],

  ['an empty 401', http(401), 'unauthorized credentials_rejected 401'],
  [
    '401 with a Basic challenge',
    http(401, '', ['WWW-Authenticate: Basic realm="x"']),
    'unauthorized credentials_rejected 401',
  ],
  [
    '401 with a Bearer challenge',
    http(401, '', ['WWW-Authenticate: Bearer error="invalid_token"']),
    'unauthorized credentials_rejected 401',
  ],
  [
    '401 as RFC 6749 specifies',
    refusal(401, { error: 'invalid_client' }),
    'unauthorized credentials_rejected 401 invalid_client',
  ],
  [
    '401 whose body breaks off',
    close('HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n{'),
    'unauthorized credentials_rejected 401',
  ],
  [
    '401 with an endless body',
    (socket) => {
      socket.write('HTTP/1.1 401 No\r\n\r\n');
      writeForever(socket, leaky);
    },
    'unauthorized credentials_rejected 401',
  ],
  ['403 with an empty body', http(403), 'unauthorized credentials_rejected 403'],
  ['403 with an HTML page', http(403, `<html>${leaky}</html>`), 'unauthorized credentials_rejected 403'],

  [
    '400 as RFC 6749 specifies',
    refusal(400, { error: 'invalid_scope', error_description: 'No such scope' }),
    'final token_request_refused 400 invalid_scope',
  ],
  [
    '400 that quotes the whole request',
    refusal(400, { error: 'invalid_request', error_description: leaky, error_uri: leaky, access_token: token }),
    'final token_request_refused 400 invalid_request',
  ],
  ['400 that quotes the secret as its error', refusal(400, { error: basic }), 'final token_request_refused 400'],
  [
    '400 with an error that is not a string',
    refusal(400, { error: { [token]: secret }, error_description: [leaky] }),
    'final token_request_refused 400',
  ],
  ['400 with an error of 1 MB', refusal(400, { error: 'x'.repeat(1_000_000) }), 'final token_request_refused 400'],
  ['400 with a body that is not JSON', http(400, leaky), 'final token_request_refused 400'],
  ['404 with an HTML page', http(404, `<html>${leaky}</html>`), 'final token_request_refused 404'],
  ['405', http(405, '', ['Allow: GET']), 'final token_request_refused 405'],
  ['407, which fetch turns into an error', http(407), broken],
  ['429', http(429, leaky, ['Retry-After: 7']), 'transient token_request_throttled 429'],
  ['408', http(408), `${broken} 408`],
  ['425', http(425), `${broken} 425`],
  ['500 that quotes everything', refusal(500, { error: 'server_error', error_description: leaky }), `${broken} 500`],
  [
    '503 whose body never arrives',
    (socket) => socket.write('HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n'),
    `${broken} 503`,
  ],
  ['a status that HTTP does not define', http(999), `${broken} 999`],

  ['100 and then a response', `HTTP/1.1 100 Continue\r\n\r\n${fields({})}`, broken],
  ['101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', broken],
  ['garbage instead of HTTP', `${leaky}\r\n\r\n`, broken],
  ['a TLS alert instead of HTTP', Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]), broken],
  ['a broken status line', `HTTP/1.1 abc ${token}\r\n\r\n`, broken],
  ['a header with NUL', `HTTP/1.1 200 OK\r\nX: ${token}\0\r\n\r\n`, broken],
  ['100 kB of headers', `HTTP/1.1 200 OK\r\nX: ${'planted'.repeat(15_000)}\r\n\r\n`, broken],
  ['two lengths', headers('Content-Length: 3', `Content-Length: ${good.length}`) + good, broken],
  ['a negative length', headers('Content-Length: -1') + good, broken],
  ['a chunk without a size', `${chunked}${token}\r\n`, `${broken} 200`],
  ['a chunk that never ends', close(`${chunked}fff\r\n${good}`), `${broken} 200`],
  ['a connection that closes before the headers', close(''), broken],
  ['a connection that closes inside the headers', close(`HTTP/1.1 200 OK\r\nX: ${token}`), broken],
  ['a connection that closes inside the body', close(`${headers('Content-Length: 999')}${good}`), `${broken} 200`],
  ['a connection that is reset', (socket) => socket.resetAndDestroy(), broken],

  ['no response', () => {}, timeout],
  ['headers that arrive byte by byte', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nX: ', 'a'), timeout],
  ['a body that arrives byte by byte', (socket) => drip(socket, headers('Content-Length: 9999') + good, ' '), timeout],
  ['a body that is complete but does not end', `${headers('Content-Length: 999')}${good}`, timeout],
];

function writeForever(socket: Socket, text: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', more);
  more();
}

function drip(socket: Socket, start: string, drop: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(drop), 1);
  socket.on('close', () => clearInterval(timer));
}

function spoilt(gzip: Buffer): Buffer {
  gzip[gzip.length - 6] = (gzip[gzip.length - 6] ?? 0) ^ 0xff;
  return gzip;
}

describe('any response of the token endpoint has the documented result, shows no secret and leaves no connection open', () => {
  test('there are more than 45 cases', () => {
    expect(responses.length).toBeGreaterThan(45);
  });

  test.each(responses)('%s', async (_, response, outcome) => {
    await using server = await startRawServer((socket) => {
      if (typeof response === 'function') response(socket);
      else socket.write(response);
    });
    const request = tokenRequest({ tokenUrl: server.url });
    if (outcome === timeout) {
      await server.responded;
      await request.clock.advance(10_000);
    }
    expect(summarize(await request.result)).toBe(outcome);
    expect(request.clock.sleeping).toBe(0);
    await server.allClosed();
    expect(server.requests).toHaveLength(1);
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'with %i is not followed, so that no other host receives the credentials',
    async (status) => {
      await using other = await startRawServer((socket) => socket.end(fields({})));
      await using server = await startRawServer((socket) => {
        socket.write(http(status, good, [`Location: ${other.url}?${token}`]));
      });
      const result = await tokenRequest({ tokenUrl: server.url }).result;
      expect(summarize(result)).toBe(`${invalid} ${status}`);
      expect(errorOf(result).message).toMatch(/redirected the request, and token requests follow no redirects/);
      expect(errorOf(result).message).not.toContain(new URL(other.url).port);
      await server.allClosed();
      expect(other.connections).toBe(0);
    },
  );
});

describe('a server that quotes the secret', () => {
  test.each(secretForms.map((form) => [form]))('%s is redacted in the description', async (form) => {
    await using server = await startRawServer((socket) => {
      socket.write(refusal(400, { error: 'invalid_request', error_description: `You sent ${form}, which is wrong` }));
    });
    const result = await tokenRequest({ tokenUrl: server.url }).result;
    expect(summarize(result)).toBe('final token_request_refused 400 invalid_request');
    expect(errorOf(result).message).toContain('You sent [redacted], which is wrong');
  });
});
