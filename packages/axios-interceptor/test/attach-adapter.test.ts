import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { beforeEach, describe, expect, test } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

type Interceptor = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

describe.each(copies)('$name', (copy) => {
  const { axios, install, adapter } = copy;

  describe.each(['before', 'after'])(
    'the token is sent when an interceptor that was added %s ours changes the call:',
    (when) => {
      const createWith = (interceptor: Interceptor) => {
        const api = axios.create({ baseURL: fakeApi.apiUrl, adapter });
        if (when === 'before') api.interceptors.request.use(interceptor);
        install(api, fakeApi.client);
        if (when === 'after') api.interceptors.request.use(interceptor);
        return api;
      };

      test.each<[string, Interceptor]>([
        ['it names another adapter', (config) => ({ ...config, adapter: adapter === 'http' ? 'fetch' : 'http' })],
        ['it sets a list of adapters', (config) => Object.assign(config, { adapter: ['xhr', adapter] })],
        [
          'it sets a function',
          (config) => {
            const chosen: AxiosAdapter = (final) => axios.getAdapter(adapter)(final);
            return Object.assign(config, { adapter: chosen });
          },
        ],
        ['it copies the config', (config) => ({ ...config })],
        [
          'it adds a transform',
          (config) => ({
            ...config,
            transformRequest: [config.transformRequest ?? [], (data: unknown) => data].flat(),
          }),
        ],
        ['it waits', (async (config: InternalAxiosRequestConfig) => config) as never],
      ])('%s', async (_, interceptor) => {
        await fakeApi.spoilToken();
        const api = createWith(interceptor);
        const { status, config } = await api.post('/things', { a: 1 });
        expect([status, fakeApi.tokens, fakeApi.bodies]).toEqual([200, ['token-1', 'token-2'], ['{"a":1}', '{"a":1}']]);
        // Retried by other code, through the same instance.
        await api.request(config);
        expect(fakeApi.tokens).toEqual(['token-1', 'token-2', 'token-2']);
      });
    },
  );

  test('nothing of the interceptor remains in the config of a response or an error', async () => {
    fakeApi.respond = ({ path }, response) => void response.writeHead(path === '/api/broken' ? 500 : 200).end();
    const api = fakeApi.createApi(copy);
    const transformRequest = (data: unknown) => data;
    for (const given of [
      {},
      { transformRequest },
      { transformRequest: [transformRequest] },
      { transformRequest: [] },
    ]) {
      const bare = axios.create({ baseURL: fakeApi.apiUrl, adapter });
      const plain = (await ignoreFailure(bare.get('/things', given))) as { config: InternalAxiosRequestConfig };
      const { config } = await api.get('/things', given);
      const error = (await ignoreFailure(api.get('/broken', given))) as typeof plain;
      for (const each of [config, error.config]) {
        expect(each.transformRequest).toEqual(plain.config.transformRequest);
        expect([each.adapter, each.headers.has('Authorization')]).toEqual([adapter, false]);
        expect(Object.keys(each).sort()).toEqual(Object.keys(plain.config).sort());
      }
    }
  });

  test('copies a frozen config', async () => {
    const api = fakeApi.createApi(copy);
    api.interceptors.request.use((config) => Object.freeze(config));
    expect((await api.get('/things')).status).toBe(200);
    expect(fakeApi.tokens).toEqual(['token-1']);
  });

  test('other code may call the functions of transformRequest', async () => {
    const api = axios.create({ baseURL: fakeApi.apiUrl, adapter });
    const digests: unknown[] = [];
    api.interceptors.request.use((config) => {
      const transforms = [config.transformRequest ?? []].flat() as ((this: unknown, ...args: unknown[]) => unknown)[];
      const list = transforms as unknown as Record<number, (data: unknown, headers: unknown) => unknown>;
      digests.push(transforms.reduce((data: unknown, transform) => transform(data, config.headers), config.data));
      digests.push(list[transforms.length - 1]?.(config.data, config.headers));
      return config;
    });
    install(api, fakeApi.client);
    expect((await api.post('/things', 'data')).status).toBe(200);
    expect(digests).toEqual(['data', 'data']);
    expect(fakeApi.tokens).toEqual(['token-1']);
  });

  test('a call that passes two instances of one client is sent once, with the token', async () => {
    const inner = fakeApi.createApi(copy);
    const outer = fakeApi.createApi(copy);
    outer.interceptors.request.use((config) => ({
      ...config,
      adapter: (final) => inner.request({ ...final, adapter }),
    }));
    expect((await outer.get('/things')).status).toBe(200);
    expect(fakeApi.tokens).toEqual(['token-1']);
  });

  test('accepts frozen responses and errors of an adapter', async () => {
    const reject = { value: false };
    const api = fakeApi.createApi(copy, {
      adapter: async (config) => {
        const response = Object.freeze({ status: 500, statusText: '', data: '{}', headers: {}, config, request: {} });
        if (!reject.value) return response;
        throw new axios.AxiosError('frozen', 'ERR_MINE', config, {}, response);
      },
    });
    const response = await api.get('/things');
    expect(response).toMatchObject({ data: {}, request: { method: 'GET', path: '/api/things' } });
    expect(Object.freeze(response).config.url).toBe('/things');
    reject.value = true;
    expect(await ignoreFailure(api.get('/things'))).toMatchObject({ message: 'frozen', response: { data: {} } });
  });
});
