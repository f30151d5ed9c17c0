import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { beforeEach, describe, expect, test } from 'vitest';
import { installInstellixInterceptor } from '../src/install-instellix-interceptor.ts';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

describe.each(['before', 'after'])('axios-mock-adapter, added %s the interceptor,', (when) => {
  // Its types require the CommonJS build, which is not compatible with the types of the ESM build.
  function createMocked() {
    const api = axios.create({ baseURL: fakeApi.apiUrl });
    const early = when === 'before' ? new MockAdapter(api as never) : undefined;
    installInstellixInterceptor(api, fakeApi.client);
    return { api, mock: early ?? new MockAdapter(api as never) };
  }

  test('responds, and its history contains the request', async () => {
    const { api, mock } = createMocked();
    mock.onGet('/things').reply(200, { mocked: true });
    const { data, config } = await api.get('/things');
    expect(data).toEqual({ mocked: true });
    expect(config.headers.has('Authorization')).toBe(false);
    expect(mock.history['get']?.[0]?.headers?.['Authorization']).toBe('Bearer planted-token-1');
    expect(fakeApi.requests).toEqual([]);
  });

  test('can simulate a rejected token', async () => {
    const { api, mock } = createMocked();
    mock.onPost('/things', { a: 1 }).replyOnce(401).onPost('/things', { a: 1 }).reply(201);
    expect((await api.post('/things', { a: 1 })).status).toBe(201);
    const sent = mock.history['post']?.map(({ headers }) => headers?.['Authorization']);
    expect(sent).toEqual(['Bearer planted-token-1', 'Bearer planted-token-2']);
  });

  test('follows no redirects, passes through with the token, and fails as configured', async () => {
    const { api, mock } = createMocked();
    mock.onGet('/moved').reply(302, '', { location: fakeApi.apiUrl });
    mock.onGet('/broken').networkError();
    mock.onGet('/real').passThrough();
    expect(await ignoreFailure(api.get('/moved'))).toMatchObject({ status: 302 });
    expect(await ignoreFailure(api.get('/broken'))).toMatchObject({ message: 'Network Error' });
    expect((await api.get('/real')).data).toEqual({ ok: true });
    expect(fakeApi.tokens).toEqual(['token-1']);
  });
});
