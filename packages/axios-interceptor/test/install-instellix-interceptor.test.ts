import { createInstellixClient } from '@instellix/core';
import type { InternalAxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

describe.each(copies)('$name', (copy) => {
  const { axios, install, adapter } = copy;
  const createBare = () => axios.create({ baseURL: fakeApi.apiUrl, adapter });

  test('installing twice attaches once, and either handle ejects it', async () => {
    const api = createBare();
    const first = install(api, fakeApi.client);
    expect(install(api, fakeApi.client)).toBe(first);
    await fakeApi.spoilToken();
    await api.get('/things');
    expect(fakeApi.tokens).toEqual(['token-1', 'token-2']);
    first.eject();
    await ignoreFailure(api.get('/things'));
    expect(fakeApi.tokens).toEqual(['token-1', 'token-2', undefined]);
  });

  test('an instance with the defaults of another one attaches by itself, once', async () => {
    const api = createBare();
    install(api, fakeApi.client);
    await api.get('/things');
    const clone = axios.create(api.defaults as object);
    await ignoreFailure(clone.get('/things'));
    install(clone, fakeApi.client);
    await fakeApi.spoilToken();
    expect((await clone.get('/things')).status).toBe(200);
    expect(fakeApi.tokens).toEqual(['token-1', undefined, 'token-1', 'token-2']);
  });

  test('a second client on one instance is an error', async () => {
    const api = createBare();
    const installed = install(api, fakeApi.client);
    await using other = createInstellixClient({
      environment: { apiUrl: fakeApi.apiUrl },
      realm: 'other',
      clientId: 'other',
      clientSecret: 'planted-other',
    });
    expect(() => install(api, other)).toThrow(/already serves another client/);
    installed.eject();
    install(api, other);
    // A second eject does not affect the interceptor of the other client.
    installed.eject();
    expect(() => install(api, fakeApi.client)).toThrow(/already serves another client/);
  });

  test('eject restores the instance, and keeps other interceptors', async () => {
    const api = createBare();
    let ran = 0;
    const installed = install(api, fakeApi.client);
    api.interceptors.request.use((config) => {
      ran++;
      return config;
    });
    installed.eject();
    installed.eject();
    await ignoreFailure(api.get('/things'));
    expect(ran).toBe(1);
    expect(fakeApi.tokens).toEqual([undefined]);
  });

  test('installing and ejecting several times attaches exactly once or not at all', async () => {
    const api = createBare();
    api.interceptors.request.use((config) => config);
    for (let round = 0; round < 3; round++) {
      const installed = install(api, fakeApi.client);
      await api.get('/things');
      installed.eject();
      await ignoreFailure(api.get('/things'));
    }
    install(api, fakeApi.client);
    await api.get('/things');
    expect(fakeApi.tokens).toEqual(['token-1', undefined, 'token-1', undefined, 'token-1', undefined, 'token-1']);
  });

  test('a using block ends with the interceptor', async () => {
    const api = createBare();
    {
      using _ = install(api, fakeApi.client);
      await api.get('/things');
    }
    await ignoreFailure(api.get('/things'));
    expect(fakeApi.tokens).toEqual(['token-1', undefined]);
  });

  test('after interceptors.request.clear() it can be installed again, and keeps other interceptors', async () => {
    const api = createBare();
    let ran = 0;
    const count = (config: InternalAxiosRequestConfig) => {
      ran++;
      return config;
    };
    install(api, fakeApi.client);
    api.interceptors.request.clear();
    api.interceptors.request.use(count);
    const installed = install(api, fakeApi.client);
    await api.get('/things');
    installed.eject();
    api.interceptors.request.clear();
    api.interceptors.request.use(count);
    installed.eject();
    for (let round = 0; round < 3; round++) await ignoreFailure(api.get('/things'));
    expect(fakeApi.tokens).toEqual(['token-1', undefined, undefined, undefined]);
    expect(ran).toBe(4);
  });

  test('interceptors do not accumulate', async () => {
    const api = createBare();
    const count = () =>
      [api.interceptors.request, api.interceptors.response].map(({ handlers }) => handlers?.filter(Boolean).length);
    for (let round = 0; round < 5; round++) {
      install(api, fakeApi.client);
      install(api, fakeApi.client);
      await api.get('/things');
      expect(count()).toEqual([1, 1]);
      if (round % 2 === 0) install(api, fakeApi.client).eject();
    }
    await ignoreFailure(api.get('/things'));
    expect(count()).toEqual([0, 0]);
  });

  test('installing, ejecting and clearing in any order attaches once or not at all', async () => {
    await fakeApi.client.getToken();
    const operation = fc.constantFrom('install', 'eject', 'clear', 'call');
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const sent: unknown[] = [];
        const api = axios.create({
          baseURL: fakeApi.apiUrl,
          adapter: async (config) => {
            sent.push(config.headers.get('Authorization'), config.transformRequest);
            return { status: 200, statusText: '', data: '', headers: {}, config };
          },
        });
        const call = async () => {
          sent.length = 0;
          await api.get('/things');
          const { transformRequest } = api.defaults;
          expect(sent).toEqual([isAttached ? 'Bearer planted-token-1' : undefined, transformRequest]);
        };
        let isAttached = false;
        let installed = install(api, fakeApi.client);
        installed.eject();
        for (const each of operations) {
          if (each === 'install') installed = install(api, fakeApi.client);
          if (each === 'eject') installed.eject();
          if (each === 'clear') api.interceptors.request.clear();
          if (each !== 'call') isAttached = each === 'install';
          else await call();
        }
        await call();
      }),
      { numRuns: 50 },
    );
  });

  test('runWhen excludes other calls', async () => {
    const api = createBare();
    install(api, fakeApi.client, { runWhen: ({ url }) => !url?.startsWith('http') });
    await api.get('/things');
    const { data } = await api.get(`${fakeApi.origin}/elsewhere`);
    expect(data).toEqual({ ok: true });
    expect(fakeApi.tokens).toEqual(['token-1', undefined]);
  });

  test('instellix: false sends a call as without the interceptor', async () => {
    const api = fakeApi.createApi(copy);
    const { config } = await api.get(`${fakeApi.origin}/elsewhere`, {
      instellix: false,
      auth: { username: 'a', password: 'b' },
    });
    expect(fakeApi.requests[0]?.headers.authorization).toBe('Basic YTpi');
    expect(config.instellix).toBe(false);
    expect(fakeApi.tokenRequests).toBe(0);
  });

  test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'keeps the %s of the caller, and does not resend after its 401',
    async (name) => {
      const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { headers: { [name]: 'Bearer mine' } }));
      expect(error).toMatchObject({ status: 401 });
      expect(fakeApi.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer mine']);
      expect(fakeApi.tokenRequests).toBe(0);
    },
  );

  test.each([undefined, null])('an authorization that is %s counts as not set', async (value) => {
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      await fakeApi.createApi(copy).get('/things', { headers: { [name]: value as never } });
    }
    expect(fakeApi.tokens).toEqual(['token-1', 'token-1', 'token-1']);
    const { rawHeaders } = fakeApi.requests[2] ?? {};
    expect(rawHeaders?.filter((name) => name.toLowerCase() === 'authorization')).toHaveLength(1);
  });

  test('an authorization that is undefined does not send the token outside of the API', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (path === '/api/moved' ? response.writeHead(302, { location: '/elsewhere' }) : response).end('{}');
    const shown: string[] = [];
    const beforeRedirect = (options: Record<string, unknown>, _: unknown, request: unknown) =>
      void shown.push(JSON.stringify([options['headers'], (request as { headers?: unknown } | undefined)?.headers]));
    for (const name of ['Authorization', 'authorization']) {
      await fakeApi.createApi(copy).get('/moved', { headers: { [name]: undefined as never }, beforeRedirect });
    }
    const outside = fakeApi.requests.filter(({ path }) => path === '/elsewhere');
    expect(outside.map(({ token }) => token)).toEqual([undefined, undefined]);
    expect(shown.filter((text) => text.includes('token-1'))).toEqual([]);
  });

  test('keeps the Authorization of another interceptor, in any order', async () => {
    const api = fakeApi.createApi(copy);
    api.interceptors.request.use((config) => {
      config.headers.set('Authorization', 'Bearer mine');
      return config;
    });
    await ignoreFailure(api.get('/things'));
    expect(fakeApi.tokens).toEqual(['Bearer mine']);
  });

  test('sends no Authorization when the caller sets it to false', async () => {
    await ignoreFailure(fakeApi.createApi(copy).get('/things', { headers: { Authorization: false } }));
    expect(fakeApi.tokens).toEqual([undefined]);
  });

  test('auth is an error that says what to do, before anything is sent', async () => {
    const call = fakeApi
      .createApi(copy)
      .get('/things', { auth: { username: 'planted-user', password: 'planted-password' } });
    await expect(call).rejects.toMatchObject({
      isAxiosError: true,
      message: expect.stringContaining('instellix: false'),
      cause: { code: 'configuration_invalid' },
    });
    expect(fakeApi.requests).toEqual([]);
    expect(fakeApi.tokenRequests).toBe(0);
  });

  test('an unknown adapter fails as without the interceptor', async () => {
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things', { adapter: 'pigeon' }));
    expect(error).toBeInstanceOf(axios.AxiosError);
    expect((error as Error).message).toContain('pigeon');
  });

  test('falls back to the adapter of Axios when the default is removed', async () => {
    const api = fakeApi.createApi(copy);
    api.interceptors.request.use((config) => {
      delete config.adapter;
      return config;
    });
    expect((await api.get('/things')).status).toBe(200);
  });

  test('sends a call with its own adapter, with the token', async () => {
    const seen: unknown[] = [];
    const { data, config } = await fakeApi.createApi(copy).get('/things', {
      adapter: async (sent) => {
        seen.push(sent.headers.get('Authorization'), sent.url, sent.baseURL);
        return { status: 200, statusText: '', data: '"mine"', headers: {}, config: sent };
      },
    });
    expect(data).toBe('mine');
    expect(seen).toEqual(['Bearer planted-token-1', '/things', fakeApi.apiUrl]);
    expect(config.headers.has('Authorization')).toBe(false);
  });

  test('a header that an interceptor removes is not restored from the defaults', async () => {
    const api = fakeApi.createApi(copy, { headers: { 'X-Team': 'billing' } });
    api.interceptors.request.use((config) => {
      config.headers.delete('X-Team');
      return config;
    });
    await api.get('/things');
    expect(fakeApi.requests[0]?.headers).not.toHaveProperty('x-team');
  });

  test('a call with a fresh token is sent in the same tick', async () => {
    await fakeApi.client.getToken();
    let isSent = false;
    const call = fakeApi.createApi(copy).get('/things', {
      adapter: async (config) => {
        isSent = true;
        return { status: 200, statusText: '', data: '', headers: {}, config };
      },
    });
    expect(isSent).toBe(true);
    await call;
  });

  test('passes on what an unusual adapter returns or throws', async () => {
    const api = fakeApi.createApi(copy);
    const thrown = new Error('on purpose');
    const adapter = () => {
      throw thrown;
    };
    await fakeApi.client.getToken();
    expect(await ignoreFailure(api.get('/things', { adapter }))).toBe(thrown);
    expect(await ignoreFailure(api.get('/things', { adapter: () => Promise.reject(undefined) }))).toBe(undefined);
    const returnsNothing = async () => undefined as never;
    expect(await ignoreFailure(api.get('/things', { adapter: returnsNothing }))).toMatchObject({
      isAxiosError: true,
      message: 'The adapter of the call returned no response.',
    });
  });
});
