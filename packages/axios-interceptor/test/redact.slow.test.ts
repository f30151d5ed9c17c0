import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { gate, until } from '@instellix/testing';
import type { AxiosAdapter, AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createLogger, format, transports } from 'winston';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { type CopyUnderTest, copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

const everything = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null };

/** The output of loggers for a value. Each may throw, for example on circular values. */
const views: Record<string, (value: unknown) => string> = {
  inspect: (value) => inspect(value, everything),
  'inspect of plain objects': (value) => inspect(value, { ...everything, customInspect: false }),
  JSON: (value) => JSON.stringify(value),
  'JSON of a copy': (value) => JSON.stringify({ ...(value as object) }),
  'inspect of a copy': (value) => inspect({ ...(value as object) }, everything),
  'JSON of all own properties': (value) => JSON.stringify(value, Object.getOwnPropertyNames(value)),
  pino: (value) => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
    logger.error(value, 'as an object');
    logger.error({ err: value, error: value, response: value }, 'as an error');
    return lines.join('');
  },
  winston: (value) => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk));
        done();
      },
    });
    for (const lineFormat of [
      format.json(),
      format.combine(format.errors({ stack: true }), format.prettyPrint({ depth: 20 })),
    ]) {
      const logger = createLogger({ format: lineFormat, transports: [new transports.Stream({ stream })] });
      logger.error('failed', value);
      logger.error(value as object);
    }
    return lines.join('');
  },
};

function findLeaks(value: unknown): string[] {
  return Object.entries(views).flatMap(([name, view]) => {
    let shown = '';
    try {
      shown = view(value);
    } catch {
      // Nothing was logged.
    }
    const at = shown.indexOf('planted');
    return at < 0 ? [] : [`${name}: ${shown.slice(Math.max(0, at - 120), at + 40)}`];
  });
}

/** Everything that a caller can reach. */
function partsOf(outcome: unknown): unknown[] {
  const { config, request, response, data, cause, toJSON } = outcome as Record<string, never> & {
    toJSON?: () => unknown;
  };
  const parts = [outcome, config, request, data, cause, toJSON?.call(outcome)];
  const { res, _redirectable, _currentRequest, _options } = (request ?? {}) as Record<string, unknown>;
  const hidden = [res, _redirectable, _currentRequest, _options, (_redirectable as typeof request)?.['_options']];
  return [...parts, ...hidden, ...(response ? partsOf(response) : [])].filter(
    (part) => part !== undefined && part !== null,
  );
}

const expectNoLeaks = (outcome: unknown) => expect(partsOf(outcome).flatMap(findLeaks).join('\n')).toBe('');

describe.each(copies)('$name a log shows no token', (copy) => {
  test.each<[string, AxiosRequestConfig, number]>([
    ['of a response', {}, 200],
    ['of a response whose status is an error', { validateStatus: () => true }, 500],
    ['of a streamed response', { responseType: 'stream' }, 200],
    ['of a failure', {}, 500],
    ['of a streamed failure', { responseType: 'stream' }, 500],
    ['of a missing right', {}, 403],
    ['of a call without redirects', { maxRedirects: 0 }, 500],
    ['of a response that is not JSON', { responseType: 'json', transitional: { silentJSONParsing: false } }, 202],
  ])('%s', async (_, config, status) => {
    fakeApi.respond = (_, response) => void response.writeHead(status).end(status === 202 ? '{"broken' : '{"a":1}');
    const outcome = await ignoreFailure(fakeApi.createApi(copy).post('/things', { a: 1 }, config));
    expect(fakeApi.tokens).toEqual(['token-1']);
    expectNoLeaks(outcome);
  });

  test('of a persistent 401', async () => {
    fakeApi.refusesAll = true;
    expectNoLeaks(await ignoreFailure(fakeApi.createApi(copy).get('/things')));
  });

  test('of a server that closes the connection', async () => {
    fakeApi.respond = (_, response) => void response.destroy();
    expectNoLeaks(await ignoreFailure(fakeApi.createApi(copy).get('/things')));
  });

  test('of a server that does not run', async () => {
    await fakeApi.client.getToken();
    const api = fakeApi.createApi(copy);
    await fakeApi.close();
    const outcome = await ignoreFailure(api.get('/things'));
    expect(outcome).toMatchObject({ isAxiosError: true });
    expectNoLeaks(outcome);
  });

  test('of a call that timed out, or was aborted', async () => {
    fakeApi.respond = () => {};
    const api = fakeApi.createApi(copy);
    const abort = new AbortController();
    const calls = [api.get('/things', { timeout: 200 }), api.get('/things', { signal: abort.signal })].map(
      ignoreFailure,
    );
    await until(() => fakeApi.requests.length === 2);
    abort.abort();
    for (const outcome of await Promise.all(calls)) {
      expect(copy.axios.isAxiosError(outcome)).toBe(true);
      expectNoLeaks(outcome);
    }
  });

  test('of a stream that fails after its response', async () => {
    fakeApi.respond = (_, response) => void response.writeHead(200).write('the beginning');
    const abort = new AbortController();
    const { data } = await fakeApi.createApi(copy).get('/things', { responseType: 'stream', signal: abort.signal });
    const broken = text(data).catch((error: unknown) => error);
    abort.abort();
    expectNoLeaks(await broken);
    expectNoLeaks(data);
  });

  test.each(['with', 'without'])('of a stream that grows too large, %s a Content-Length', async (length) => {
    fakeApi.respond = (_, response) => {
      if (length === 'without') response.write('x');
      response.end('x'.repeat(100_000));
    };
    const config = { responseType: 'stream', maxContentLength: 1_000 } as const;
    const outcome = await ignoreFailure(
      fakeApi
        .createApi(copy)
        .get('/things', config)
        .then(({ data }) => text(data)),
    );
    expectNoLeaks(outcome);
  });

  test('of a zipped stream', async () => {
    fakeApi.respond = (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped'));
    const response = await fakeApi.createApi(copy).get('/things', { responseType: 'stream' });
    expectNoLeaks(response);
    expect(await text(response.data)).toBe('zipped');
  });

  test('of a failed call while other calls use the same agent', async () => {
    const { opened, open } = gate();
    fakeApi.respond = async ({ path }, response) => {
      if (path === '/api/slow') await opened;
      response.writeHead(path === '/api/slow' ? 200 : 500).end();
    };
    const api = fakeApi.createApi(copy);
    const slow = [1, 2, 3].map(() => api.get('/slow'));
    await until(() => fakeApi.requests.length === 3);
    const outcomes = [
      await ignoreFailure(api.get('/fast')),
      await api.get('/fast', { validateStatus: () => true }),
      await api.get('/fast', { validateStatus: () => true, responseType: 'stream' }),
    ];
    for (const outcome of outcomes) expectNoLeaks(outcome);
    open();
    await Promise.all(slow);
  });

  test('of interceptors that log everything, before and after ours', async () => {
    const kept: unknown[] = [];
    const leaks: string[] = [];
    const log = (value: unknown) => {
      kept.push(value);
      leaks.push(...findLeaks(value));
      return value as never;
    };
    const api = copy.axios.create({ baseURL: fakeApi.apiUrl, adapter: copy.adapter });
    const addLoggers = () => {
      api.interceptors.request.use((config) => log(config.headers) && log(config));
      api.interceptors.response.use(log, (error) => Promise.reject(log(error)));
    };
    addLoggers();
    copy.install(api, fakeApi.client);
    addLoggers();
    fakeApi.respond = ({ path }, response) => void response.writeHead(path === '/api/broken' ? 500 : 200).end();
    const open = fakeApi.hold('respond');
    const calls = [api.get('/things'), ignoreFailure(api.get('/broken'))];
    await until(() => fakeApi.requests.length === 2);
    // During the calls as well.
    leaks.push(...kept.flatMap(findLeaks));
    open();
    await Promise.all(calls);
    leaks.push(...kept.flatMap(findLeaks));
    expect(leaks).toEqual([]);
  });

  test('of a custom adapter that throws instead of rejecting', async () => {
    const adapter = (config: InternalAxiosRequestConfig) => {
      throw new copy.axios.AxiosError('thrown', 'ERR_MINE', config);
    };
    for (const call of [{ adapter }, { adapter, instellix: { body: () => 'made' } }]) {
      const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', call));
      expect(error).toMatchObject({ code: 'ERR_MINE', config: { url: '/things' } });
      expect(findLeaks(error)).toEqual([]);
    }
  });

  test('of a body that is too long, also in its own error events', async () => {
    const leaks: string[] = [];
    const make = () => {
      let left = 64;
      const read = function (this: Readable) {
        setImmediate(() => this.push(left-- > 0 ? Buffer.alloc(16_384) : null));
      };
      // While Node sends a stream, the stream itself, here `config.data`, leads to Node's live request.
      const listen = (error: Error) =>
        leaks.push(...findLeaks({ ...error, config: { ...(error as { config?: object }).config, data: 0 } }));
      return new Readable({ read }).on('error', listen);
    };
    for (const call of [{ data: make() }, { instellix: { body: make } }]) {
      const limited = { method: 'post', url: '/things', maxBodyLength: 100_000, ...call };
      const error = await ignoreFailure(fakeApi.createApi(copy).request(limited));
      expect([...leaks, ...findLeaks(error)]).toEqual([]);
    }
  });

  test('of a custom adapter that fails with another config', async () => {
    const error = await ignoreFailure(
      fakeApi.createApi(copy).get('/things', {
        adapter: async ({ url, headers }) => {
          throw Object.assign(new Error('not today'), { config: { url, headers } });
        },
      }),
    );
    expect(error).toMatchObject({ message: 'not today', config: { url: '/things' } });
    expect(findLeaks(error)).toEqual([]);
  });

  test('of a custom adapter that fails with a response, but without a config', async () => {
    const adapter: AxiosAdapter = async (config) => {
      const response = { data: '', status: 500, statusText: '', headers: {}, config };
      throw Object.assign(new Error('not today'), { response });
    };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter }));
    expect(error).toMatchObject({ message: 'not today', response: { status: 500, config: { url: '/things' } } });
    expect(findLeaks(error)).toEqual([]);
  });

  test('of a custom adapter that fails with several errors', async () => {
    const adapter: AxiosAdapter = (config) => {
      const response = { data: '', status: 500, statusText: '', headers: {}, config };
      const attempt = async () => {
        throw new copy.axios.AxiosError('not today', 'ERR_NETWORK', config, {}, response);
      };
      return Promise.any([attempt(), attempt()]);
    };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter }));
    const expected = { message: 'not today', response: { status: 500, config: { url: '/things' } } };
    expect(error).toMatchObject({ errors: [expected, expected] });
    expect(findLeaks(error)).toEqual([]);
  });

  test('and the error of another call is not changed, even when the causes form a circle', async () => {
    const config = { url: '/other', headers: {} } as never;
    const other = new copy.axios.AxiosError('another call', 'ERR_NETWORK', config);
    const adapter: AxiosAdapter = async (sent) => {
      const error = new copy.axios.AxiosError('not today', 'ERR_NETWORK', sent);
      throw Object.assign(error, { cause: Object.assign(other, { cause: error }), errors: [null] });
    };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter }));
    expect(error).toMatchObject({ config: { url: '/things' } });
    expect(other.config).toBe(config);
    expect(other).not.toHaveProperty('request');
  });

  test('of redirects, also in the beforeRedirect of the caller', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (path === '/api/moved'
        ? response.writeHead(302, { location: '/api/things' }).end()
        : response.writeHead(500).end());
    const seen: unknown[] = [];
    const beforeRedirect = (...details: unknown[]) => {
      seen.push(inspect(details, everything), JSON.stringify((details[0] as { headers: unknown }).headers));
    };
    const outcome = await ignoreFailure(fakeApi.createApi(copy, { beforeRedirect }).get('/moved'));
    expect(fakeApi.tokens).toEqual(['token-1', 'token-1']);
    expect(seen.join()).not.toContain('planted-token');
    expectNoLeaks(outcome);
  });

  test('and the request of a response or of an error is a frozen summary', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (
        path === '/api/moved?page=1' ? response.writeHead(302, { location: '/api/things?page=2' }) : response
      ).end();
    const moved = { params: { page: 1 } };
    const { request } = await fakeApi.createApi(copy).get('/moved', moved);
    const responseUrl = `${fakeApi.apiUrl}things?page=2`;
    const expected = {
      method: 'GET',
      path: '/api/things?page=2',
      host: '127.0.0.1',
      protocol: 'http:',
      res: { responseUrl },
    };
    expect(request).toEqual(expected);
    expect([Object.isFrozen(request), Object.isFrozen(request.res)]).toEqual([true, true]);
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/moved', { ...moved, validateStatus: () => false }));
    expect(error).toMatchObject({ request: expected, response: { request: expected } });
  });

  test.each([{}, { maxRedirects: 0 }])('and the summary has the query of the call, %j', async (config) => {
    const { request } = await fakeApi.createApi(copy, config).get('/things', { params: { page: 2 } });
    const res = { responseUrl: `${fakeApi.apiUrl}things?page=2` };
    expect(request).toMatchObject({ path: '/api/things?page=2', host: '127.0.0.1', res });
  });

  test.each(['/things', 'things', '', 'http://%zz/'])(
    'and a custom adapter may have a request with the URL "%s"',
    async (url) => {
      const adapter: AxiosAdapter = async (config) => ({
        ...{ data: '', status: 200, statusText: 'OK', headers: {}, config },
        request: { url },
      });
      const response = await fakeApi.createApi(copy).get('/things', { adapter });
      expect(response.request).toMatchObject({ method: 'GET', path: '/api/things', host: '127.0.0.1' });
      const failing: AxiosAdapter = async (config) => {
        throw new copy.axios.AxiosError('not today', 'ERR_NETWORK', config, { url });
      };
      const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter: failing }));
      expect(error).toMatchObject({ message: 'not today', request: { path: '/api/things' } });
    },
  );

  test('and unread streams end without an uncaught error', async () => {
    fakeApi.respond = (_, response) => {
      response.writeHead(200, { 'content-length': 9 }).write('the');
      setTimeout(() => response.destroy(), 5);
    };
    const { data } = await fakeApi.createApi(copy).get('/things', { responseType: 'stream' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await expect(text(data)).rejects.toThrow();
  });

  test('and a stream of objects stays one', async () => {
    const adapter: AxiosAdapter = async (config) => {
      return { data: Readable.from([{ a: 1 }, { b: 2 }]), status: 200, statusText: '', headers: {}, config };
    };
    const { data } = await fakeApi.createApi(copy).get('/things', { adapter });
    expect(await data.toArray()).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('and a response can be frozen or sealed, and then read', async () => {
    const api = fakeApi.createApi(copy);
    const frozen = Object.freeze(await api.get('/things'));
    expect(findLeaks(frozen.request)).toEqual([]);
    expect(frozen.request.method).toBe('GET');
    const sealed = Object.seal(await api.get('/things'));
    expect(findLeaks({ ...sealed })).toEqual([]);
  });
});

test.each(copies.filter(({ adapter }) => adapter === 'http'))(
  '$name a stream that its caller destroys with an error ends without an uncaught error',
  async (copy) => {
    fakeApi.respond = (_, response) => void response.end('arrived');
    const { data } = await fakeApi.createApi(copy).get('/things', { responseType: 'stream' });
    await until(() => data.writableFinished);
    const closed = new Promise((resolve) => data.once('close', resolve));
    data.destroy(new Error('given up'));
    await closed;
  },
);

test('these tests detect a leak: without the interceptor, they find one', async () => {
  const { axios } = copies[0] as CopyUnderTest;
  const headers = { Authorization: 'Bearer planted-token-1' };
  const response = await axios.get(`${fakeApi.origin}/elsewhere`, { adapter: 'http', headers });
  expect(findLeaks(response)).not.toEqual([]);
  expect(findLeaks(response.request)).not.toEqual([]);
});
