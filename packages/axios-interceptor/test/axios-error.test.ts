import { findInstellixError } from '@instellix/core';
import type { AxiosRequestConfig } from 'axios';
import { beforeEach, describe, expect, test } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

describe.each(copies)('$name', (copy) => {
  const { isApiUnreachable } = copy;
  test('isApiUnreachable recognises an API that does not run, closes the connection, or does not respond in time', async () => {
    const api = fakeApi.createApi(copy);
    const { respondToToken } = fakeApi;
    fakeApi.respondToToken = () => {};
    const withoutToken = await ignoreFailure(api.get('/waits', { timeout: 50 }));
    fakeApi.respondToToken = respondToToken;
    await fakeApi.client.getToken();
    fakeApi.respond = ({ path }, response) => void (path === '/api/slow' || response.destroy());
    const outcomes = [await ignoreFailure(api.get('/cut')), await ignoreFailure(api.get('/slow', { timeout: 50 }))];
    await fakeApi.close();
    outcomes.push(await ignoreFailure(api.get('/away')));
    for (const error of [withoutToken, ...outcomes]) {
      expect(error).toBeInstanceOf(copy.axios.AxiosError);
      expect([isApiUnreachable(error), isApiUnreachable(new Error('outer', { cause: error }))]).toEqual([true, true]);
      expect(findInstellixError(error)).toBeUndefined();
    }
  });

  test.each<[string, string, AxiosRequestConfig]>([
    ['a response', '/things', { validateStatus: () => false }],
    ['an abort', '/things', { signal: AbortSignal.abort() }],
    ['a URL of another host', 'https://elsewhere.example/', {}],
    ['an unknown adapter', '/things', { adapter: 'pigeon' }],
    ['an adapter that fails by itself', '/things', { adapter: () => Promise.reject(new Error('mine')) }],
    ['a response that is too long', '/things', { maxContentLength: 1 }],
  ])('isApiUnreachable is false for %s', async (_, url, config) => {
    expect(isApiUnreachable(await ignoreFailure(fakeApi.createApi(copy).get(url, config)))).toBe(false);
  });

  test.each([
    [{ requiredScope: 1 }, /instellix\.requiredScope must be a non-empty string/],
    [{ body: 'text' }, /instellix\.body must be a function/],
    [{ scope: 'orders:read' }, /instellix must be an object with some of the keys requiredScope, body, not "scope"/],
    [true, /instellix must be an object/],
    [null, /instellix must be an object/],
  ])('config.instellix %j is an error that names the option', async (instellix, message) => {
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { instellix: instellix as never }));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), cause: { code: 'configuration_invalid' } });
    expect(fakeApi.tokenRequests).toBe(0);
  });
});
