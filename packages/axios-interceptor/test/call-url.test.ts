import axios, { type AxiosRequestConfig } from 'axios';
import oldest from 'axios-oldest';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkCallUrl } from '../src/call-url.ts';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

describe.each(copies)('$name', (copy) => {
  test.each<[string, (fakeApi: AxiosFakeApi) => AxiosRequestConfig, string]>([
    ['a path', () => ({ url: 'things' }), '/api/things'],
    ['a path with a leading slash', () => ({ url: '/things' }), '/api/things'],
    ['the base only', () => ({ url: '' }), '/api/'],
    ['a query and params', () => ({ url: '/things?a=1', params: { b: '2' } }), '/api/things?a=1&b=2'],
    ['a dot, a tilde, an escape', () => ({ url: '/a.b/~c/%C3%A4' }), '/api/a.b/~c/%C3%A4'],
    ['a deeper base', ({ apiUrl }) => ({ baseURL: `${apiUrl}v2`, url: '/things' }), '/api/v2/things'],
    ['dots that stay in the API', ({ apiUrl }) => ({ baseURL: `${apiUrl}v2/`, url: '../v1/things' }), '/api/v1/things'],
    ['an absolute URL of the API', ({ apiUrl }) => ({ url: `${apiUrl}things` }), '/api/things'],
    ['a relative base', () => ({ baseURL: '/v2', url: '/things' }), '/api/v2/things'],
    [
      'an absolute URL with allowAbsoluteUrls: false',
      () => ({ url: 'https://elsewhere.example/things', allowAbsoluteUrls: false }),
      '/api/https://elsewhere.example/things',
    ],
    ['no base', () => ({ baseURL: '', url: '/things' }), '/api/things'],
  ])('%s has the target of Axios', async (_, makeConfig, path) => {
    await fakeApi.createApi(copy).request(makeConfig(fakeApi));
    await fakeApi.createApi(copy).request(makeConfig(fakeApi));
    expect(fakeApi.requests).toMatchObject([
      { path, token: 'token-1' },
      { path, token: 'token-1' },
    ]);
  });

  test('checks a URL that another interceptor sets, in any order', async () => {
    const otherHost = await AxiosFakeApi.start();
    const api = copy.axios.create({ baseURL: fakeApi.apiUrl, adapter: copy.adapter });
    api.interceptors.request.use((config) => ({ ...config, baseURL: otherHost.origin }));
    copy.install(api, fakeApi.client);
    expect(await ignoreFailure(api.get('/api/things'))).toMatchObject({ cause: { code: 'origin_not_allowed' } });
    const other = fakeApi.createApi(copy);
    other.interceptors.request.use((config) => ({ ...config, url: `${otherHost.origin}/api/things` }));
    expect(await ignoreFailure(other.get('/things'))).toMatchObject({ cause: { code: 'origin_not_allowed' } });
    expect([...fakeApi.requests, ...otherHost.requests]).toEqual([]);
    expect(fakeApi.tokenRequests).toBe(0);
  });

  test('rejects a Host header that does not name the API', async () => {
    const api = fakeApi.createApi(copy);
    const { host } = new URL(fakeApi.apiUrl);
    await api.get('/things', { headers: { Host: host } });
    const refused = await ignoreFailure(api.get('/things', { headers: { hOST: 'elsewhere.example' } }));
    expect(refused).toMatchObject({
      cause: { code: 'origin_not_allowed', message: expect.stringContaining(`does not name ${host}`) },
    });
    expect(fakeApi.requests).toHaveLength(1);
  });

  test('rejects dot segments that leave the API, also after a valid base', async () => {
    const api = fakeApi.createApi(copy);
    await api.get('/things');
    for (const url of ['/a/../../elsewhere', 'a/.././../elsewhere', '/a/b/..%2f..%2f..']) {
      expect(await ignoreFailure(api.get(url))).toMatchObject({ cause: { code: 'origin_not_allowed' } });
    }
    expect(fakeApi.requests).toHaveLength(1);
  });

  test.each([0, '', null])('an allowAbsoluteUrls of %j does not send the token to another base', async (value) => {
    const otherHost = await AxiosFakeApi.start();
    const config = { baseURL: otherHost.origin, allowAbsoluteUrls: value as never };
    await fakeApi.createApi(copy).get(`${fakeApi.apiUrl}things`, config);
    expect(fakeApi.tokens).toEqual(['token-1']);
    expect(otherHost.requests).toEqual([]);
  });

  test('a rejected URL passes the response interceptors', async () => {
    const api = fakeApi.createApi(copy);
    api.interceptors.response.use(null, (error) => Promise.reject(new Error('seen', { cause: error })));
    const error = await ignoreFailure(api.get('https://elsewhere.example/'));
    expect(error).toMatchObject({ message: 'seen', cause: { cause: { code: 'origin_not_allowed' } } });
  });

  test('rejects another base each time', async () => {
    const api = fakeApi.createApi(copy, { baseURL: fakeApi.origin });
    await ignoreFailure(api.get('/elsewhere'));
    expect(await ignoreFailure(api.get('/elsewhere'))).toMatchObject({ cause: { code: 'origin_not_allowed' } });
    expect((await api.get('/api/things')).status).toBe(200);
    expect(await ignoreFailure(api.get('/elsewhere'))).toMatchObject({ cause: { code: 'origin_not_allowed' } });
    expect(fakeApi.tokens).toEqual(['token-1']);
  });
});

/** Undefined when it throws, because nothing is sent. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

test('for any URL, the token is sent only below the API’s base', () => {
  const apiUrl = new URL('https://api.example/base/');
  const part = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '\\',
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '%5c',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      ' ',
      'a',
      'evil.example',
    ),
    fc.constantFrom(
      'http:',
      'https:',
      'https://api.example',
      'https://api.example/base',
      '/base/',
      'user:pass@',
      ';',
      '..;',
    ),
    fc.string({ maxLength: 3 }),
  );
  const address = fc.array(part, { maxLength: 7 }).map((parts) => parts.join(''));
  const base = fc.oneof(
    fc.constantFrom(
      'https://api.example/base/',
      'https://api.example/base',
      'https://api.example/base/v2?x=',
      undefined,
      '',
    ),
    address,
  );
  const allowed = fc.constantFrom(true, false, undefined, null, 0, '');
  const property = fc.property(base, address, allowed, (baseURL, url, allowAbsoluteUrls) => {
    const config = { baseURL, url, allowAbsoluteUrls } as never;
    const sent = attempt(() => ({ ...(config as object), ...checkCallUrl(axios, apiUrl, config).parts }));
    if (!sent) return;
    // The URL that the adapters of Axios build.
    for (const copy of [axios, oldest]) {
      const uri = attempt(() => new URL(copy.getUri(sent as object)));
      if (uri) expectBelow(uri);
    }
  });
  const found: [string, string, boolean | number][] = [
    ['https://api.example/base ', 'evil.example', false],
    ['https://evil.example', 'https://api.example/base/', 0],
  ];
  fc.assert(property, { numRuns: 5_000, examples: found });

  function expectBelow(target: URL): void {
    expect(target.origin).toBe(apiUrl.origin);
    expect(`${target.pathname}/`.startsWith('/base/')).toBe(true);
    expect(decodeURIComponent(target.pathname.replaceAll(/%(?!2e|2f|5c)/gi, '%25'))).not.toMatch(
      /(^|[\\/])\.\.([\\/]|$)/,
    );
    expect(target.username + target.password).toBe('');
  }
}, 60_000);
