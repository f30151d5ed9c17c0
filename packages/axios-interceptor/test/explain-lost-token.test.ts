import { findInstellixError } from '@instellix/core';
import type { InternalAxiosRequestConfig } from 'axios';
import { beforeEach, describe, expect, test } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

const reason = {
  cause: { code: 'configuration_invalid', message: expect.stringContaining('without the access token') },
};

describe.each(copies)('$name', (copy) => {
  const { axios, install, adapter } = copy;
  const validateStatus = (status: number) => status < 300;

  test.each(['before', 'after'])(
    'with a new config from an interceptor added %s ours, the token is sent, or the error says why not',
    async (when) => {
      const api = axios.create({ baseURL: fakeApi.apiUrl, adapter });
      const makeAnew = ({ url, method, baseURL, headers, data }: InternalAxiosRequestConfig) =>
        ({ url, method, baseURL, headers, data, adapter }) as InternalAxiosRequestConfig;
      if (when === 'before') api.interceptors.request.use(makeAnew);
      install(api, fakeApi.client);
      if (when === 'after') api.interceptors.request.use(makeAnew);
      const outcome = await ignoreFailure(api.get('/things'));
      // Interceptors run in reverse order.
      if (when === 'after') expect(outcome).toMatchObject({ status: 200 });
      else
        expect(outcome).toMatchObject({
          isAxiosError: true,
          code: 'ERR_BAD_REQUEST',
          response: { status: 401 },
          ...reason,
        });
      if (when === 'before') expect(outcome).toBeInstanceOf(axios.AxiosError);
      expect(fakeApi.tokens).toEqual([when === 'before' ? undefined : 'token-1']);
    },
  );

  test('the error of Axios is kept when the new config has validateStatus', async () => {
    const api = axios.create({ baseURL: fakeApi.apiUrl, adapter });
    let thrown: unknown;
    api.interceptors.response.use(null, (error) => {
      thrown = error;
      throw error;
    });
    api.interceptors.request.use(
      ({ url, baseURL, method, headers }) => ({ url, baseURL, method, headers, adapter, validateStatus }) as never,
    );
    install(api, fakeApi.client);
    const outcome = await ignoreFailure(api.get('/things'));
    expect(outcome).toMatchObject({ response: { status: 401 }, ...reason });
    expect(outcome).toBe(thrown);
  });

  test.each<[string, object]>([
    ['of a call that opts out', { instellix: false }],
    ['of an Authorization of the caller', { headers: { authorization: 'Bearer mine' } }],
    ['of a call that is not the client’s', { params: { foreign: 1 } }],
  ])('the 401 %s is unchanged', async (_, config) => {
    const api = axios.create({ baseURL: fakeApi.apiUrl, adapter });
    install(api, fakeApi.client, { runWhen: ({ params }) => !params?.foreign });
    const error = await ignoreFailure(api.get('/things', config));
    expect(error).toMatchObject({ status: 401 });
    expect(findInstellixError(error)).toBeUndefined();
    expect(await api.get('/things', { ...config, validateStatus: () => true })).toMatchObject({ status: 401 });
  });
});
