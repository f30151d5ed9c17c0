import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AnyInstellixError,
  ConfigurationError,
  createInstellixClient,
  RequestRefusedError,
  TokenRequestError,
} from '@instellix/core';
import { until } from '@instellix/testing';
import newest, { type ErrorRequestHandler, type Response as ExpressResponse, type Request } from 'express';
import { describe, expect, test, vi } from 'vitest';
import {
  type HandledError,
  type InstellixErrorHandlerOptions,
  instellix,
  instellixErrorHandler,
} from '../src/index.ts';
import { ExpressFakeApi } from './express-fake-api.ts';
import { expresses, serve } from './expresses.ts';

const message = 'realm acme-realm at https://api.example/acme-realm/oauth2/token with the-secret';

const withCause = (cause: unknown) => new Error('wrapped', { cause });

describe.each(expresses)('$name', ({ express }) => {
  let passedOn: unknown;
  /** Serves a handler that fails. Errors that the tested handler passes on get a 418. */
  async function serveFailure(
    fail: (request: Request, response: ExpressResponse) => unknown,
    options?: InstellixErrorHandlerOptions,
  ): Promise<string> {
    const app = express();
    app.all('/', (request, response, next) => {
      Promise.resolve(fail(request, response)).then(next, next);
    });
    app.use(instellixErrorHandler(options));
    const passed: ErrorRequestHandler = (error, _request, response, next) => {
      passedOn = error;
      if (response.headersSent) return next(error);
      response.status(418).send(String(error));
    };
    app.use(passed);
    return serve(app);
  }
  const respondTo = async (error: unknown, options?: InstellixErrorHandlerOptions, init?: RequestInit) =>
    fetch(await serveFailure(() => error, options), init);

  test.each(['as it is', 'as the cause of another error'])(
    'responds with 502 and api_unreachable when client.fetch did not reach the API, %s',
    async (form) => {
      const environment = { apiUrl: 'http://127.0.0.1:9', tokenUrl: 'http://127.0.0.1:9' };
      const credential = { realm: 'acme-realm', clientId: 'express', clientSecret: 'planted-secret' };
      await using client = createInstellixClient({ environment, ...credential });
      const headers = { authorization: 'Bearer mine' };
      const thrown = await client.fetch('/customers', { headers }).catch((error: unknown) => error);
      const onError = vi.fn();
      const error = form === 'as it is' ? thrown : withCause(thrown);
      const response = await respondTo(error, { onError });
      expect([response.status, await response.json()]).toEqual([
        502,
        { status: 502, code: 'api_unreachable', title: 'Bad Gateway' },
      ]);
      expect(onError).toHaveBeenCalledWith(thrown, expect.anything());
    },
  );

  test('responds with 502 and api_unreachable when the time limit of a call has ended', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const apiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const credential = { realm: 'acme-realm', clientId: 'express', clientSecret: 'planted-secret' };
    await using client = createInstellixClient({ environment: { apiUrl }, ...credential });
    const thrown = await client.fetch('/', { signal: AbortSignal.timeout(100) }).catch((error: unknown) => error);
    expect((thrown as Error).name).toBe('TimeoutError');
    const response = await respondTo(thrown);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, 'api_unreachable']);
    silent.closeAllConnections();
    silent.close();
  });

  test('leaves other errors of fetch to the next handler', async () => {
    const thrown = await fetch('http://127.0.0.1:9').catch((error: unknown) => error);
    expect((await respondTo(thrown)).status).toBe(418);
  });

  test.each<[AnyInstellixError, number]>([
    [new ConfigurationError([message]), 500],
    [new TokenRequestError('credentials_rejected', message, { status: 401 }), 502],
    [new TokenRequestError('token_request_refused', message, { status: 400, oauthError: 'invalid_scope' }), 502],
    [new TokenRequestError('token_response_invalid', message), 502],
    [new RequestRefusedError('token_rejected', message), 502],
    [new RequestRefusedError('insufficient_scope', message, { requiredScope: 'customers:write' }), 502],
    [new RequestRefusedError('origin_not_allowed', message), 502],
    [new TokenRequestError('token_request_throttled', message, { status: 429 }), 503],
    [new TokenRequestError('token_endpoint_unavailable', message, { status: 503 }), 503],
    [new RequestRefusedError('client_closed', message), 503],
    [new TokenRequestError('token_request_timeout', message), 504],
  ])('%o is an error of the service, of which the caller gets only the code', async (error, status) => {
    const response = await respondTo(error);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(response.headers.has('retry-after')).toBe(false);
    const body = await response.json();
    expect(body).toEqual({ status, code: error.code, title: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(/acme|the-secret|https?:|at /);
  });

  test.each([
    [0, '0'],
    [1, '1'],
    [5_000, '5'],
    [5_001, '6'],
  ])('sends Retry-After: %d ms are %s s', async (retryAfterMs, seconds) => {
    const response = await respondTo(new TokenRequestError('token_request_throttled', message, { retryAfterMs }));
    expect(response.headers.get('retry-after')).toBe(seconds);
  });

  test('sends no Retry-After for rejected credentials', async () => {
    const response = await respondTo(new TokenRequestError('credentials_rejected', message, { retryAfterMs: 5_000 }));
    expect([response.status, response.headers.has('retry-after')]).toEqual([502, false]);
  });

  test('recognises an error of another copy of core', async () => {
    const brand = Symbol.for('@instellix/core:error');
    const error = Object.assign(new Error(message), { [brand]: true, code: 'client_closed', retryable: false });
    expect((await respondTo(error)).status).toBe(503);
  });

  test('an error of Axios or another wrapper gets the response of its cause, whatever its status', async () => {
    const refusal = new RequestRefusedError('insufficient_scope', message);
    const axiosError = Object.assign(withCause(refusal), { isAxiosError: true, status: 403 });
    for (const error of [axiosError, withCause(withCause(refusal))]) {
      const response = await respondTo(error);
      expect([response.status, (await response.json()).code]).toEqual([502, 'insufficient_scope']);
    }
  });

  test('keeps a status that a handler has chosen', async () => {
    const chosen = Object.assign(withCause(new RequestRefusedError('insufficient_scope', 'refused')), {
      statusCode: 409,
    });
    expect((await respondTo(chosen)).status).toBe(418);
  });

  test('passes other errors to the next handler', async () => {
    const circular = new Error('circular');
    circular.cause = circular;
    const others = [
      new Error('other'),
      Object.assign(new Error('x'), { code: 'client_closed' }),
      'text',
      5,
      circular,
      withCause(null),
    ];
    for (const error of others) {
      const response = await respondTo(error);
      expect([response.status, await response.text()]).toEqual([418, String(error)]);
    }
  });

  test('a response that has started is aborted, not completed', async () => {
    const origin = await serveFailure((_, response) => {
      response.write('begun');
      return new RequestRefusedError('client_closed', 'closed');
    });
    const response = await fetch(origin);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(passedOn).toMatchObject({ code: 'client_closed' });
  });

  test('removes the headers of the missing response, and keeps others', async () => {
    const origin = await serveFailure((_, response) => {
      response.set({
        'Content-Encoding': 'gzip',
        'Content-Language': 'de',
        ETag: '"1"',
        'Last-Modified': 'x',
        Expires: 'y',
      });
      response.set({
        'Content-Length': '3',
        'Cache-Control': 'public',
        'Content-Security-Policy': 'p',
        'X-Own': 'own',
      });
      return new RequestRefusedError('client_closed', 'closed');
    });
    const { headers, status } = await fetch(origin);
    expect(status).toBe(503);
    const gone = ['content-encoding', 'content-language', 'etag', 'last-modified', 'expires'];
    expect(gone.filter((name) => headers.has(name))).toEqual([]);
    expect([headers.get('cache-control'), headers.get('content-security-policy'), headers.get('x-own')]).toEqual([
      'no-store',
      'p',
      'own',
    ]);
  });

  test('a Transfer-Encoding that the handler has set is removed, because the problem document has a Content-Length', async () => {
    const origin = await serveFailure((_, response) => {
      response.setHeader('Transfer-Encoding', 'chunked');
      return new RequestRefusedError('client_closed', 'closed');
    });
    const response = await fetch(origin);
    expect([response.status, (await response.json()).code]).toEqual([503, 'client_closed']);
  });

  test('HEAD gets the same response without its body', async () => {
    const response = await respondTo(new RequestRefusedError('client_closed', 'closed'), {}, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([503, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
  });

  test('onError is called for each error that gets a response, and for no other', async () => {
    const onError = vi.fn();
    const error = new RequestRefusedError('client_closed', 'closed');
    await respondTo(withCause(error), { onError });
    await respondTo(new Error('other'), { onError });
    expect(onError.mock.calls).toEqual([[error, expect.objectContaining({ method: 'GET' })]]);
  });

  test('onError is called for an error that is too late for a response', async () => {
    const onError = vi.fn();
    const origin = await serveFailure(
      (_, response) => {
        response.write('begun');
        return new RequestRefusedError('client_closed', 'closed');
      },
      { onError },
    );
    await fetch(origin)
      .then((response) => response.text())
      .catch(() => {});
    expect(onError).toHaveBeenCalledOnce();
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('log is full');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('log is full');
      },
    ],
  ])('an onError that %s does not prevent the response', async (_, onError) => {
    expect((await respondTo(new RequestRefusedError('client_closed', 'closed'), { onError })).status).toBe(503);
  });

  test('detail sets the text of the problem', async () => {
    const detail = ({ retryable }: HandledError, { path }: Request) => (retryable ? `Try ${path} again.` : undefined);
    const later = await respondTo(new TokenRequestError('token_request_timeout', message), { detail });
    expect((await later.json()).detail).toBe('Try / again.');
    const never = await respondTo(new RequestRefusedError('client_closed', message), { detail });
    expect(await never.json()).not.toHaveProperty('detail');
  });

  test('a client disconnect is not an error', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = () => {};
    const onError = vi.fn();
    const passed = vi.fn((_error, _request, _response, _next) => {});
    let ended = 0;
    const app = express();
    app.use(instellix(fakeApi.createClient()));
    app.use((request, _, next) => {
      const ends = (error: unknown) => {
        ended++;
        next(withCause(error));
      };
      request.instellix.fetch('/customers').catch(ends);
    });
    app.use(instellixErrorHandler({ onError }));
    app.use(passed);
    const origin = await serve(app);
    const leave = new AbortController();
    const left = fetch(origin, { signal: leave.signal }).catch(() => 'left');
    await until(() => fakeApi.requests.length === 1);
    leave.abort();
    expect(await left).toBe('left');
    await until(() => ended === 1);
    expect([onError, passed].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  });
});

describe('a caller that stays', () => {
  test('gets a response although a handler shares the call of a disconnected client', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respond = () => {};
    let shared: Promise<unknown> | undefined;
    let waiting = 0;
    const app = newest();
    app.use(instellix(fakeApi.createClient()));
    app.get('/', async (request) => {
      waiting++;
      shared ??= request.instellix.fetch('/customers');
      await shared;
    });
    app.use(instellixErrorHandler());
    const origin = await serve(app);
    const leave = new AbortController();
    const left = fetch(origin, { signal: leave.signal }).catch(() => 'left');
    await until(() => fakeApi.requests.length === 1);
    const stays = fetch(origin);
    await until(() => waiting === 2);
    leave.abort();
    await left;
    expect((await stays).status).toBe(500);
  });
});

describe('rejects invalid arguments when it is created', () => {
  test.each([
    [{ onEror: () => {} }, /some of the keys onError, detail, not "onEror"/],
    [{ onError: 'log', detail: 5 }, /onError must be a function[\s\S]*detail must be a function/],
    [null, /must be an object/],
    [() => {}, /must be an object/],
    [[], /must be an object/],
  ])('%o', (options, problem) => {
    const mounting = () => instellixErrorHandler(options as InstellixErrorHandlerOptions);
    expect(mounting).toThrow(ConfigurationError);
    expect(mounting).toThrow(problem);
  });

  test('a client, which is an argument of instellix()', async () => {
    await using client = createInstellixClient({
      environment: 'sandbox',
      realm: 'r',
      clientId: 'c',
      clientSecret: 's',
    });
    expect(() => instellixErrorHandler(client as unknown as InstellixErrorHandlerOptions)).toThrow(
      /some of the keys onError, detail, not/,
    );
  });
});
