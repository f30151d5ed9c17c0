import { beforeEach, expect, test } from 'vitest';
import { createInstellixAxios } from '../src/create-instellix-axios.ts';
import { FakeApi } from './fake-api.ts';

let fakeApi: FakeApi;

beforeEach(async () => {
  fakeApi = await FakeApi.start();
});

test('an instance without settings calls the API, with the token', async () => {
  const api = createInstellixAxios(fakeApi.client);
  expect(api.defaults.baseURL).toBe(fakeApi.apiUrl);
  await api.get('/things');
  expect(fakeApi.arrived).toMatchObject([{ path: '/api/things', token: 'token-1' }]);
});

test.each(['v2', '/v2', 'v2/'])('a base URL of %s lies below the API’s', async (baseURL) => {
  const api = createInstellixAxios(fakeApi.client, { baseURL, timeout: 5_000, headers: { 'X-Team': 'billing' } });
  await api.get('things');
  expect(fakeApi.arrived).toMatchObject([{ path: '/api/v2/things', headers: { 'x-team': 'billing' } }]);
  expect(api.defaults.timeout).toBe(5_000);
});

test.each(['https://elsewhere.example/', '/../other', '//elsewhere.example'])(
  'a base URL elsewhere is refused at once: %s',
  (baseURL) => {
    expect(() => createInstellixAxios(fakeApi.client, { baseURL })).toThrow(
      expect.objectContaining({ code: 'origin_not_allowed' }),
    );
  },
);

test('options are those of the interceptor', async () => {
  const api = createInstellixAxios(fakeApi.client, {}, { runWhen: () => false });
  await api.get('/things').catch(() => {});
  expect(fakeApi.tokens).toEqual([undefined]);
});
