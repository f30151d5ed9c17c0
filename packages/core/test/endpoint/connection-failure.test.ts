import { createServer, type Socket } from 'node:net';
import { ProxyAgent, fetch as undiciFetch } from 'undici';
import { describe, expect, test } from 'vitest';
import { classifyConnectionFailure, classifyTlsFailure } from '../../src/endpoint/connection-failure.ts';
import { createInstellixClient } from '../../src/index.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { sanitizeError } from '../../src/secret/sanitize-error.ts';
import { startRawServer } from './raw-server.ts';
import { startTlsServer } from './tls-server.ts';
import { errorOf, secret, summarize, tokenRequest } from './token-request-fixture.ts';

/** An error like that of `fetch`, whose chain of causes has the given codes. */
function failure(...codes: (string | undefined)[]): Error {
  const [code, ...inner] = codes;
  const error = new Error('x', inner.length > 0 ? { cause: failure(...inner) } : undefined);
  return Object.assign(error, code && { code });
}

const withMessage = (message: string, code: string) => Object.assign(new Error(message), { code });

/** The error of `fetch` when each address of a name has failed. */
function everyAddress(...errors: unknown[]): Error {
  return new Error('fetch failed', { cause: Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' }) });
}

const classify = (thrown: unknown) => classifyConnectionFailure(sanitizeError(thrown, createRedactor([])));

describe('a request was provably never sent', () => {
  const codes = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'];

  test.each(codes)('after %s anywhere among the causes', (code) => {
    for (const thrown of [failure(code), failure(undefined, 'x', code)]) {
      const { reason, neverSent, remedy } = classify(thrown);
      expect({ reason, neverSent, remedy }).toEqual({ reason: code, neverSent: true, remedy: undefined });
    }
  });

  test.each(['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ETIMEDOUT'])(
    'after %s while connecting, but not on an established connection',
    (code) => {
      const failed = (call: string) => Object.assign(new Error(`${call} ${code} 192.0.2.1:443`), { code });
      expect(classify(failed('connect'))).toMatchObject({ reason: code, neverSent: true });
      expect(classify(new TypeError('fetch failed', { cause: failed('connect') })).neverSent).toBe(true);
      expect(classify(failed('read'))).toMatchObject({ reason: code, neverSent: false });
    },
  );

  test('after such a failure of every address of a name', () => {
    const unreachable = Object.assign(new Error('connect ENETUNREACH 2001:db8::1'), { code: 'ENETUNREACH' });
    expect(classify(everyAddress(failure('ECONNREFUSED'), unreachable)).neverSent).toBe(true);
  });

  test('after a disconnect during the TLS handshake, which has the code of any reset', () => {
    const cause = Object.assign(
      new Error('Client network socket disconnected before secure TLS connection was established'),
      { code: 'ECONNRESET' },
    );
    const { reason, neverSent } = classify(new TypeError('fetch failed', { cause }));
    expect({ reason, neverSent }).toEqual({ reason: 'ECONNRESET', neverSent: true });
  });

  test.each<[string, unknown]>([
    ['a reset', failure(undefined, 'ECONNRESET')],
    ['a connection that was closed', failure(undefined, 'UND_ERR_SOCKET')],
    ['a timeout of the connection, which may be an established one', failure(undefined, 'ETIMEDOUT')],
    ['a code that only ends like one', failure('XECONNREFUSED')],
    ['a code that only begins like one', failure('ECONNREFUSED_')],
    ['a code that ends like one of a connection', withMessage('connect failed', 'XETIMEDOUT')],
    ['a code that begins like one of a connection', withMessage('connect failed', 'ETIMEDOUT_')],
    [
      'a message that quotes one of a handshake',
      withMessage('x: Client network socket disconnected before secure TLS connection', 'ECONNRESET'),
    ],
    ['one address of several that failed otherwise', everyAddress(failure('ECONNREFUSED'), failure('ETIMEDOUT'))],
    ['one address without an error', everyAddress(failure('ECONNREFUSED'), undefined)],
    ['a message that quotes one of a proxy', withMessage('x Proxy response (407) !== 200 when HTTP Tunneling', 'X')],
    ['no error', undefined],
    ['an error without code', new Error('ECONNREFUSED')],
  ])('but not after %s', (_, thrown) => {
    expect(classify(thrown)).toMatchObject({ neverSent: false });
  });
});

describe('waiting cannot repair', () => {
  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'HOSTNAME_MISMATCH',
    'INVALID_CA',
    'INVALID_PURPOSE',
    'PATH_LENGTH_EXCEEDED',
    'CRL_HAS_EXPIRED',
    'UNSPECIFIED',
  ])('the certificate of %s', (code) => {
    const { reason, neverSent, remedy } = classify(failure(undefined, code));
    expect({ reason, neverSent }).toEqual({ reason: code, neverSent: true });
    expect(remedy).toContain('NODE_EXTRA_CA_CERTS');
  });

  test.each([
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_HTTP_REQUEST',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
    'ERR_SSL_UNSUPPORTED_PROTOCOL',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY',
    'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  ])('the TLS version, the cipher or the scheme of %s', (code) => {
    const { reason, neverSent, remedy } = classify(failure(undefined, code));
    expect({ reason, neverSent }).toEqual({ reason: code, neverSent: true });
    expect(remedy).toContain('check scheme and port of the token URL');
  });

  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'ECONNRESET',
    'ERR_SSL_BAD_RECORD_TYPE',
    'ERR_SSL_CERT_LENGTH_MISMATCH',
    'ERR_SSL_X',
    'EPROTOTYPE',
    'XEPROTO',
    'X_CRL_EXPIRED',
    'X_UNABLE_TO_CONNECT',
    'X_INVALID_CA',
    'INVALID_CA_X',
    'X_PATH_LENGTH_EXCEEDED',
    'PATH_LENGTH_EXCEEDED_X',
    'X_HOSTNAME_MISMATCH',
    'HOSTNAME_MISMATCH_X',
  ])('but it can repair %s', (code) => {
    expect(classify(failure(undefined, code)).remedy).toBeUndefined();
  });
});

test.each([
  ['CERT_HAS_EXPIRED', 'certificate'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls'],
  ['EPROTO', 'tls'],
  ['XEPROTO', undefined],
  ['NOT_ERR_SSL_HTTP_REQUEST', undefined],
  ['ECONNRESET', undefined],
  ['UND_ERR_INVALID_ARG', undefined],
  ['', undefined],
])('the code %j says %j about TLS', (code, kind) => {
  expect(classifyTlsFailure(code)).toBe(kind);
});

test('a response that cannot be decompressed differs from a connection that broke', () => {
  for (const code of [
    'Z_DATA_ERROR',
    'Z_BUF_ERROR',
    'ERR__ERROR_FORMAT_PADDING_2',
    'ERR_BROTLI_X',
    'ZSTD_error_prefix_unknown',
  ]) {
    expect(classify(failure(undefined, code)).isUndecodable).toBe(true);
  }
  expect(classify(failure('ECONNRESET')).isUndecodable).toBe(false);
  expect(classify(undefined).isUndecodable).toBe(false);
});

test('of several addresses, the one that the request may have reached gives the reason', () => {
  expect(classify(everyAddress(withMessage('connect ENETUNREACH', 'ENETUNREACH'), failure('ECONNRESET'))).reason).toBe(
    'ECONNRESET',
  );
  expect(classify(everyAddress(failure('ECONNREFUSED'), failure('ECONNRESET'))).reason).toBe('ECONNRESET');
  expect(classify(everyAddress(failure('EAI_AGAIN'), failure('ECONNREFUSED'))).reason).toBe('EAI_AGAIN');
});

test('the reason is the first code among the causes, and nothing else', () => {
  expect(classify(failure(undefined, 'planted secret', 'CERT_HAS_EXPIRED', 'X')).reason).toBe('CERT_HAS_EXPIRED');
  expect(classify(failure('lower', 'E')).reason).toBe('');
  expect(classify(undefined).reason).toBe('');
});

describe('over real sockets', () => {
  const permanent = 'final token_endpoint_unavailable not sent';
  const retried = 'transient token_endpoint_unavailable not sent';
  const request = async (tokenUrl: string) => {
    const result = await tokenRequest({ tokenUrl }).result;
    return { summary: summarize(result), error: errorOf(result) };
  };

  test('a self-signed certificate', async () => {
    await using server = await startTlsServer();
    const { summary, error } = await request(server.url);
    expect(summary).toBe(permanent);
    expect(error.reason).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(error.message).toContain('cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)');
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('a self-signed certificate costs a client one handshake, and fails at once', async () => {
    await using server = await startTlsServer();
    const client = createInstellixClient({
      environment: { apiUrl: 'https://api.example', tokenUrl: server.url },
      realm: 'acme',
      clientId: 'id',
      clientSecret: secret,
    });
    const failures: unknown[] = [];
    client.subscribe((event) => failures.push({ ...event }));
    const error = await client.getToken().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'token_endpoint_unavailable',
      retryable: false,
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(server.connections).toBe(1);
    expect(failures).toContainEqual(
      expect.objectContaining({
        type: 'token_request_failed',
        code: 'token_endpoint_unavailable',
        reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        stillServing: false,
      }),
    );
    expect(failures).not.toContainEqual(expect.objectContaining({ type: 'waiting' }));
    await client.close();
  });

  test('https on a port of plain http', async () => {
    await using server = await listen((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
    });
    const { summary, error } = await request(server.url);
    expect(summary).toBe(permanent);
    expect(error.reason).toBe('ERR_SSL_WRONG_VERSION_NUMBER');
    expect(error.message).toContain('check scheme and port of the token URL');
  });

  test('a server that speaks TLS 1.1 only', async () => {
    await using server = await startTlsServer({
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    const { summary, error } = await request(server.url);
    expect(summary).toBe(permanent);
    expect(error.reason).toMatch(/ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$/);
    expect(error.message).toContain('do not agree on TLS');
  });

  test('a port that fetch blocks', async () => {
    const { summary, error } = await request('http://127.0.0.1:6000/token');
    expect(summary).toBe(permanent);
    expect(error.reason).toBe('bad port');
    expect(error.message).toContain('fetch refuses to connect to this port: correct the token URL.');
  });

  test.each([
    [400, permanent],
    [403, permanent],
    [407, permanent],
    [408, retried],
    [429, retried],
    [500, retried],
    [501, permanent],
    [502, retried],
    [511, permanent],
  ])('a proxy that responds to CONNECT with %i', async (status, expected) => {
    await using proxy = await listen((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
    });
    const dispatcher = new ProxyAgent(`http://${new URL(proxy.url).host}`);
    const throughProxy = (url: string, init: object) => undiciFetch(url, { ...init, dispatcher });
    const settings = { tokenUrl: 'https://instellix.invalid/token', fetch: throughProxy as unknown as typeof fetch };
    const result = await tokenRequest(settings).result;
    await dispatcher.close();
    expect(summarize(result)).toBe(expected);
    const { reason, message } = errorOf(result);
    expect(reason).toBe(`Proxy response (${status}) !== 200 when HTTP Tunneling`);
    expect(message.includes('check its address, user name and password')).toBe(expected === permanent);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['at once', (socket) => socket.end()],
    ['after the first message', (socket) => socket.once('data', () => socket.end())],
  ])('a connection that closes during the TLS handshake, %s', async (_, respond) => {
    await using server = await listen(respond);
    const { summary, error } = await request(server.url);
    expect(summary).toBe(retried);
    expect(error.message).toContain('cannot be reached (ECONNRESET)');
  });

  test('a connection that closes after the request', async () => {
    await using server = await startRawServer((socket) => socket.end());
    const { summary, error } = await request(server.url);
    expect(summary).toBe('transient token_endpoint_unavailable');
    expect(error.message).toContain('closed the connection before the response was complete');
  });

  test('a connection that is refused', async () => {
    const server = await startRawServer(() => {});
    await server[Symbol.asyncDispose]();
    const { summary, error } = await request(server.url);
    expect(summary).toBe(retried);
    expect(error.reason).toBe('ECONNREFUSED');
    expect(error.message).toContain('cannot be reached (ECONNREFUSED)');
    expect(error.cause).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  });

  test('a name that does not resolve', async () => {
    const { summary, error } = await request('http://instellix.invalid/acme/oauth2/token');
    expect(summary).toBe(retried);
    expect(error.reason).toMatch(/^ENOTFOUND$|^EAI_AGAIN$/);
  });
});

/** Starts a TCP server that an https URL points to. */
async function listen(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { readonly port: number };
  return {
    url: `https://127.0.0.1:${address.port}/acme/oauth2/token`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
