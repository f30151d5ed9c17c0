import { createRequire } from 'node:module';
import axios from 'axios';
import oldest from 'axios-oldest';
import { beforeEach, describe, expect, test } from 'vitest';
import { createInstellixAxios } from '../src/create-instellix-axios.ts';
import { installInstellixInterceptor } from '../src/install-instellix-interceptor.ts';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

test.each([undefined, {}, { baseURL: null }])(
  'an instance calls the API with the token: defaults %j',
  async (defaults) => {
    const api = createInstellixAxios(fakeApi.client, defaults as object | undefined);
    expect(api.defaults.baseURL).toBe(fakeApi.apiUrl);
    await api.get('/things');
    expect(fakeApi.requests).toMatchObject([{ path: '/api/things', token: 'token-1' }]);
  },
);

test.each(['v2', '/v2', 'v2/'])('a base URL of %s is resolved against the API’s', async (baseURL) => {
  const api = createInstellixAxios(fakeApi.client, { baseURL, timeout: 5_000, headers: { 'X-Team': 'billing' } });
  await api.get('things');
  expect(fakeApi.requests).toMatchObject([{ path: '/api/v2/things', headers: { 'x-team': 'billing' } }]);
  expect(api.defaults.timeout).toBe(5_000);
});

test.each(['https://elsewhere.example/', '/../other', '//elsewhere.example'])(
  'rejects another base URL at once: %s',
  (baseURL) => {
    expect(() => createInstellixAxios(fakeApi.client, { baseURL })).toThrow(
      expect.objectContaining({ problems: [expect.stringContaining(`baseURL is not below ${fakeApi.apiUrl}`)] }),
    );
  },
);

test('takes defaults of any class, and refuses what holds none', async () => {
  class Defaults {
    readonly timeout = 5_000;
    get headers() {
      return { 'X-Team': 'billing' };
    }
    get baseURL() {
      return '/v2';
    }
  }
  const api = createInstellixAxios(fakeApi.client, Object.freeze(new Defaults()));
  await api.get('things');
  expect(fakeApi.requests).toMatchObject([{ path: '/api/v2/things', headers: { 'x-team': 'billing' } }]);
  expect(api.defaults.timeout).toBe(5_000);
  for (const wrong of ['x', 5, [], null, () => {}, Promise.resolve({})]) {
    expect(() => createInstellixAxios(fakeApi.client, wrong as never)).toThrow('defaults must be an object of options');
  }
});

test('accepts the options of the interceptor', async () => {
  const api = createInstellixAxios(fakeApi.client, {}, { runWhen: () => false });
  await api.get('/things').catch(() => {});
  expect(fakeApi.tokens).toEqual([undefined]);
});

describe.each([axios, createRequire(import.meta.url)('axios') as typeof axios])(
  'an instance of the given build',
  (build) => {
    const create = (kind: string) => {
      if (kind === 'created by us') return createInstellixAxios(fakeApi.client, {}, { axios: build });
      const api =
        kind === 'new Axios()'
          ? new build.Axios({ baseURL: fakeApi.apiUrl })
          : build.create({ baseURL: fakeApi.apiUrl });
      installInstellixInterceptor(api, fakeApi.client);
      return api;
    };

    test.each(['created by us', 'axios.create()', 'new Axios()'])(
      'rejects with the classes of its build: %s',
      async (kind) => {
        const api = create(kind);
        expect((await api.get('/things')).status).toBe(200);
        const broken = { validateStatus: () => false, adapter: build.defaults.adapter as never };
        const failed = await ignoreFailure(api.get('/things', broken));
        const refused = await ignoreFailure(api.get('https://elsewhere.example/'));
        const aborted = await ignoreFailure(api.get('/things', { signal: AbortSignal.abort() }));
        for (const error of [failed, refused, aborted]) expect(error).toBeInstanceOf(build.AxiosError);
        expect(aborted).toBeInstanceOf(build.CanceledError);
        expect(refused).toMatchObject({ cause: { code: 'origin_not_allowed' } });
        expect(fakeApi.tokens).toEqual(['token-1', 'token-1']);
      },
    );
  },
);

test('works with another version of Axios', async () => {
  const api = oldest.create({ baseURL: fakeApi.apiUrl });
  installInstellixInterceptor(api as never, fakeApi.client);
  await fakeApi.spoilToken();
  expect((await api.get('/things')).status).toBe(200);
  const refused = await ignoreFailure(api.get('https://elsewhere.example/'));
  expect(oldest.isAxiosError(refused)).toBe(true);
  expect(oldest.isCancel(await ignoreFailure(api.get('/things', { signal: AbortSignal.abort() })))).toBe(true);
  expect(fakeApi.tokens).toEqual(['token-1', 'token-2']);
});

test('defaults may be an object of a class', async () => {
  class Defaults {
    get baseURL() {
      return 'v2';
    }
  }
  expect(createInstellixAxios(fakeApi.client, new Defaults()).defaults.baseURL).toBe(`${fakeApi.apiUrl}v2`);
});
