import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { gzipSync } from 'node:zlib';
import { until } from '@instellix/testing';
import type { AxiosAdapter } from 'axios';
import { beforeEach, describe, expect, test } from 'vitest';
import { withCallTimeout } from '../src/call-timeout.ts';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

describe.each(copies)('$name', (copy) => {
  test.each(['cold', 'refused'])(
    'an abort ends the wait for a %s token at once, with the error of Axios',
    async (state) => {
      if (state === 'refused') await fakeApi.spoilToken();
      const open = fakeApi.hold('respondToToken');
      const api = fakeApi.createApi(copy);
      const abort = new AbortController();
      const patient = api.get('/patient');
      const impatient = ignoreFailure(api.get('/impatient', { signal: abort.signal }));
      await until(() => fakeApi.tokenRequests === (state === 'cold' ? 1 : 2));
      await until(() => state === 'cold' || fakeApi.requests.length === 2);
      abort.abort();
      const error = await impatient;
      expect(error).toBeInstanceOf(copy.axios.CanceledError);
      expect(copy.axios.isCancel(error)).toBe(true);
      expect(error).toMatchObject({ code: 'ERR_CANCELED' });
      open();
      expect((await patient).status).toBe(200);
    },
  );

  test('timeout and abort apply while instellix.body runs', async () => {
    const api = fakeApi.createApi(copy);
    await fakeApi.client.getToken();
    const call = { instellix: { body: () => new Promise(() => {}) } };
    const late = await ignoreFailure(api.post('/things', undefined, { ...call, timeout: 20 }));
    expect(late).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 20ms exceeded' });
    const aborted = await ignoreFailure(api.post('/things', undefined, { ...call, signal: AbortSignal.timeout(20) }));
    expect(copy.axios.isCancel(aborted)).toBe(true);
    expect(fakeApi.requests).toEqual([]);
  });

  test.each(['before the call', 'while the token is awaited'])(
    'a cancelToken that is used %s ends it with its own reason',
    async (when) => {
      const open = fakeApi.hold('respondToToken');
      const source = copy.axios.CancelToken.source();
      if (when === 'before the call') source.cancel('enough');
      const call = ignoreFailure(fakeApi.createApi(copy).get('/things', { cancelToken: source.token }));
      if (when !== 'before the call') {
        await until(() => fakeApi.tokenRequests === 1);
        source.cancel('enough');
      }
      const error = await call;
      expect(copy.axios.isCancel(error)).toBe(true);
      expect(error).toMatchObject({ message: 'enough' });
      expect(fakeApi.requests).toEqual([]);
      open();
    },
  );

  test.each(['signal', 'cancelToken'])('a call that its %s has aborted before does not wait', async (kind) => {
    await fakeApi.spoilToken();
    const open = fakeApi.hold('respondToToken');
    const abort = new AbortController();
    const { token, cancel } = copy.axios.CancelToken.source();
    const adapter: AxiosAdapter = async (config) => {
      abort.abort();
      cancel();
      throw new copy.axios.AxiosError('refused', '', config, undefined, {
        ...{ data: '', status: 401, statusText: '', headers: {}, config },
      });
    };
    const ending = kind === 'signal' ? { signal: abort.signal } : { cancelToken: token };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter, ...ending }));
    expect(error).toMatchObject({ code: 'ERR_CANCELED' });
    open();
  });

  test('a timeout ends the wait for a token with the error of Axios', async () => {
    const open = fakeApi.hold('respondToToken');
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { timeout: 60 }));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(error).toMatchObject({
      code: 'ECONNABORTED',
      message: 'timeout of 60ms exceeded',
      config: { url: '/things', timeout: 60 },
    });
    expect(fakeApi.requests).toEqual([]);
    open();
  });

  test.each(['5000', 2 ** 40])('a timeout of %s has not elapsed', async (timeout) => {
    const api = fakeApi.createApi(copy, {
      adapter: async (config) => ({ status: 200, statusText: '', data: '', headers: {}, config }),
    });
    expect((await api.get('/things', { timeout: timeout as number })).status).toBe(200);
  });

  test('uses the timeoutErrorMessage and the error code of the caller', async () => {
    const open = fakeApi.hold('respondToToken');
    const transitional = { clarifyTimeoutError: true };
    const config = { timeout: 60, timeoutErrorMessage: 'too late', transitional };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', config));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', message: 'too late' });
    open();
  });

  test('timeout includes the wait for the token', async () => {
    const given: unknown[] = [];
    const api = fakeApi.createApi(copy, {
      adapter: async (config) => {
        given.push(config.timeout);
        const status = given.length === 1 ? 401 : 200;
        return { status, statusText: '', data: '', headers: {}, config };
      },
    });
    const open = fakeApi.hold('respondToToken');
    const call = api.get('/things', { timeout: 5_000 });
    setTimeout(open, 100);
    const { config } = await call;
    expect(given[0]).toBeLessThan(4_950);
    expect(given[1]).toBeLessThanOrEqual(given[0] as number);
    expect(config).toMatchObject({ timeout: 5_000 });
  });

  test('a call that is sent at once has the whole timeout', async () => {
    await fakeApi.client.getToken();
    const given: number[] = [];
    const api = fakeApi.createApi(copy, {
      adapter: async (config) => {
        given.push(config.timeout ?? 0);
        return { status: 200, statusText: '', data: '', headers: {}, config };
      },
    });
    for (let call = 0; call < 3; call++) await api.get('/things', { timeout: 100_000 });
    // Each call has its own budget. Some milliseconds pass before a call is sent.
    expect(given.map((ms) => ms > 50_000 && ms <= 100_000)).toEqual([true, true, true]);
  });

  test('a timeout during the resend reports the whole timeout', async () => {
    await fakeApi.spoilToken();
    fakeApi.respond = () => {};
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { timeout: 400 }));
    expect(error).toMatchObject({ isAxiosError: true, config: { timeout: 400 } });
    // The fetch adapter of Axios 1.12 has another message.
    expect((error as Error).message).toMatch(/^timeout (?:of 400ms|400 of ms) exceeded$/);
    expect(fakeApi.tokens).toEqual(['token-1', 'token-2']);
  });

  test('only the message of a timeout names the whole timeout', async () => {
    const adapter: AxiosAdapter = async (config) => {
      throw new copy.axios.AxiosError(`connect ETIMEDOUT 10.0.0.${config.timeout}`, 'ETIMEDOUT', config);
    };
    const open = fakeApi.hold('respondToToken');
    const call = ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter, timeout: 60_000 }));
    setTimeout(open, 20);
    expect((await call) as Error).not.toHaveProperty('message', 'connect ETIMEDOUT 10.0.0.60000');
  });

  test('a call leaves no listener on its signal, of whatever class', async () => {
    const { signal } = new AbortController();
    const types = new Set<string>();
    const other = {
      aborted: false,
      addEventListener: (type: string) => void types.add(type),
      removeEventListener: (type: string) => void types.delete(type),
    };
    const api = fakeApi.createApi(copy, {
      adapter: async (config) => ({ status: 200, statusText: '', data: '', headers: {}, config }),
    });
    await Promise.all([api.get('/things', { signal }), api.get('/things', { signal: other })]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect([...types]).toEqual([]);
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'http'))('$name', (copy) => {
  test('a timeout applies while the call connects', async () => {
    await fakeApi.client.getToken();
    // Names are never resolved. Node's global agent would give up after five seconds.
    const config = { lookup: () => {}, httpAgent: new Agent(), timeout: 200 } as object;
    fakeApi.respond = (_, response) => void response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', config));
    expect(error).toMatchObject({ isAxiosError: true, message: 'timeout of 200ms exceeded', config: { timeout: 200 } });
  });

  test('a body that breaks off ends the call', async () => {
    const gzip = gzipSync(randomBytes(50_000));
    fakeApi.respond = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': gzip.length });
      response.write(gzip.subarray(0, 20_000), () => response.destroy());
    };
    expect(await ignoreFailure(fakeApi.createApi(copy).get('/things'))).toMatchObject({ isAxiosError: true });
  });
});

test('a wait that ends leaves no timer', async () => {
  const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = countTimers();
  expect(await withCallTimeout({}, performance.now() + 60_000, () => 'found')).toBe('found');
  expect(countTimers()).toBe(before);
});
