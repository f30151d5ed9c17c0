import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { until } from '@instellix/testing';
import type { AxiosAdapter, AxiosError, AxiosRequestConfig } from 'axios';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

// The package has no types.
const followRedirects: { http: { request: (...given: unknown[]) => unknown } } = createRequire(import.meta.url)(
  'follow-redirects',
);

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

/** Makes the API redirect by a table of paths. */
function redirect(table: Record<string, [status: number, location: string]>): void {
  fakeApi.respond = ({ path }, response) => {
    const [status, location] = table[path] ?? [200, undefined];
    response.writeHead(status, location ? { location } : {}).end('{"arrived":true}');
  };
}

const seen = () => fakeApi.requests.map(({ path, token }) => `${path} ${token ?? 'without'}`);

describe.each(copies)('$name', (copy) => {
  test('a redirect below the API’s base keeps the token', async () => {
    redirect({ '/api/a': [302, '/api/b'], '/api/b': [307, 'c'] });
    const { data } = await fakeApi.createApi(copy).get('/a', { headers: { 'X-Own': 'kept' } });
    expect(data).toEqual({ arrived: true });
    expect(seen()).toEqual(['/api/a token-1', '/api/b token-1', '/api/c token-1']);
    expect(fakeApi.requests[2]?.headers).toHaveProperty('x-own', 'kept');
  });

  test('a redirect out of the base path loses the token, also on the same host and when it returns', async () => {
    redirect({ '/api/a': [302, '/out'], '/out': [302, '/api/b'] });
    expect(await ignoreFailure(fakeApi.createApi(copy).get('/a'))).toMatchObject({ status: 401 });
    expect(seen()).toEqual(['/api/a token-1', '/out without', '/api/b without']);
  });

  test('a redirect that leaves HTTP fails as an AxiosError', async () => {
    redirect({ '/api/a': [302, 'ftp://127.0.0.1/'] });
    expect(await ignoreFailure(fakeApi.createApi(copy).get('/a'))).toMatchObject({ isAxiosError: true });
    expect(seen()).toEqual(['/api/a token-1']);
  });

  test('a redirect to another host loses the token', async () => {
    const otherHost = await AxiosFakeApi.start();
    redirect({ '/api/a': [302, `${otherHost.origin}/api/b`] });
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { headers: { Cookie: 'session=planted' } }));
    expect(otherHost.tokens).toEqual([undefined]);
    if (copy.adapter === 'fetch') expect(otherHost.requests[0]?.headers.cookie).toBeUndefined();
  });

  test('a 401 of another host after a redirect causes no refresh', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (path === '/api/a' ? response.writeHead(302, { location: '/out' }) : response.writeHead(401)).end();
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a'));
    expect(error).toMatchObject({ status: 401 });
    expect((error as AxiosError).cause).not.toMatchObject({ code: 'token_rejected' });
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test.each([
    [307, 'POST', 'body'],
    [308, 'POST', 'body'],
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
  ])('a POST with the response %i continues as %s', async (status, method, body) => {
    redirect({ '/api/a': [status, '/api/b'] });
    await fakeApi.createApi(copy).post('/a', 'body');
    expect(fakeApi.requests[1]).toMatchObject({ method, body, token: 'token-1' });
    if (method === 'GET') expect(fakeApi.requests[1]?.headers).not.toHaveProperty('content-type');
  });

  test('a body from instellix.body is created again for the redirect', async () => {
    redirect({ '/api/a': [307, '/api/b'] });
    const call = { instellix: { body: () => 'made' }, headers: { 'Content-Type': 'text/plain' } };
    await fakeApi.createApi(copy).put('/a', undefined, call);
    expect(fakeApi.bodies).toEqual(['made', 'made']);
  });

  test('a redirect that drops the body does not create one', async () => {
    redirect({ '/api/a': [303, '/api/b'] });
    let made = 0;
    await fakeApi.createApi(copy).post('/a', undefined, { instellix: { body: () => `made ${++made}` } });
    expect(fakeApi.bodies).toEqual(['made 1', '']);
    expect(made).toBe(1);
  });

  test('a redirected call is resent from the last hop, or from its start when the adapter follows redirects itself', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const api = fakeApi.createApi(copy);
    await fakeApi.spoilToken();
    fakeApi.refuse = ({ path }, response) =>
      void (path === '/api/a' ? response.writeHead(302, { location: '/api/b' }) : response.writeHead(401)).end();
    expect((await api.get('/a')).status).toBe(200);
    const again = copy.adapter === 'http' ? ['/api/a token-2', '/api/b token-2'] : ['/api/b token-2'];
    expect(seen()).toEqual(['/api/a token-1', '/api/b token-1', ...again]);
  });

  test('a POST that a redirect has changed to GET is not resent', async () => {
    const api = fakeApi.createApi(copy);
    await fakeApi.spoilToken();
    fakeApi.refuse = ({ method }, response) =>
      void (method === 'POST' ? response.writeHead(303, { location: '/api/b' }) : response.writeHead(401)).end();
    const outcome = await ignoreFailure(api.post('/a', 'order'));
    expect(outcome).toMatchObject({ status: copy.adapter === 'http' ? 401 : 200 });
    expect(fakeApi.bodies.filter((body) => body === 'order')).toHaveLength(1);
    await until(() => fakeApi.tokenRequests === 2);
  });

  test('a redirect loop ends with an AxiosError', async () => {
    redirect({ '/api/a': [302, '/api/a'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a'));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    const code = copy.adapter === 'http' ? 'ERR_FR_TOO_MANY_REDIRECTS' : 'ERR_NETWORK';
    expect(error).toMatchObject({ code, config: { url: '/a' } });
    expect(fakeApi.requests.length).toBeLessThan(23);
  });

  test('with maxRedirects 0, the caller gets the 3xx', async () => {
    redirect({ '/api/a': [302, '/out'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { maxRedirects: 0 }));
    expect(error).toMatchObject({ status: 302 });
    expect(fakeApi.requests).toHaveLength(1);
  });

  test('follows a redirect also when validateStatus accepts it', async () => {
    redirect({ '/api/a': [302, '/out'] });
    expect((await fakeApi.createApi(copy).get('/a', { validateStatus: () => true })).status).toBe(200);
    expect(seen()).toEqual(['/api/a token-1', '/out without']);
  });

  test.each([2, '2'])('respects maxRedirects: %j', async (maxRedirects) => {
    redirect({ '/api/a': [302, '/api/a'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { maxRedirects } as AxiosRequestConfig));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(fakeApi.requests).toHaveLength(3);
  });

  test('an adapter of the caller that copies the config follows redirects by the rules for the token', async () => {
    redirect({ '/api/a': [302, '/out'], '/out': [404, ''] });
    const adapter: AxiosAdapter = (config) => copy.axios.getAdapter(copy.adapter)({ ...config });
    const error = (await ignoreFailure(fakeApi.createApi(copy).get('/a', { adapter }))) as AxiosError;
    expect(seen()).toEqual(['/api/a token-1', '/out without']);
    expect(error).toMatchObject({ status: 404, config: { url: '/a' }, request: { path: '/out' } });
    expect(Object.isFrozen(error.request)).toBe(true);
    expect(Object.isFrozen(error.response?.request)).toBe(true);
  });

  test.each([{}, { maxRedirects: 5 }, { maxRedirects: undefined }])(
    'an adapter of the caller that sets %j sends no token outside of the API',
    async (changes) => {
      redirect({ '/api/a': [302, '/out'] });
      const adapter: AxiosAdapter = (config) =>
        copy.axios.getAdapter(copy.adapter)({ ...config, ...(changes as object) });
      await fakeApi.createApi(copy).get('/a', { adapter });
      expect(seen()).toEqual(['/api/a token-1', '/out without']);
    },
  );

  test('a header without a value, which Axios does not send, prevents no redirect', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    await fakeApi.createApi(copy).get('/a', { headers: { 'no name': false } });
    expect(seen()).toEqual(['/api/a token-1', '/api/b token-1']);
  });

  test('the params of a call are not added to the target of a redirect', async () => {
    redirect({ '/api/a?page=2': [302, '/api/b'] });
    await fakeApi.createApi(copy).get('/a', { params: { page: 2 } });
    expect(seen()).toEqual(['/api/a?page=2 token-1', '/api/b token-1']);
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'http'))('$name', (copy) => {
  /** Resolves every name to this machine. */
  const lookup = (_: string, options: { all?: boolean }, done: (...result: unknown[]) => void) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

  test('a redirect to a subdomain loses the token in every version of Axios', async () => {
    const otherHost = await AxiosFakeApi.start();
    const { port } = new URL(otherHost.origin);
    fakeApi.domain = 'api.example';
    redirect({ '/api/a': [302, `http://evil.api.example:${port}/api/b`] });
    await ignoreFailure(fakeApi.createApi(copy, { lookup: lookup as never }).get('/a'));
    expect(fakeApi.tokens).toEqual(['token-1']);
    expect(otherHost.tokens).toEqual([undefined]);
    expect(otherHost.requests[0]?.host).toContain('evil.api.example');
  });

  test('a custom transport that follows redirects is guarded as well', async () => {
    redirect({ '/api/a': [302, '/out'] });
    const request = vi.fn(followRedirects.http.request);
    await fakeApi.createApi(copy).get('/a', { transport: { request } });
    expect(seen()).toEqual(['/api/a token-1', '/out without']);
    expect(request).toHaveBeenCalledOnce();
  });

  test('a custom transport keeps the token within the API, also behind a proxy', async () => {
    // The requests for a proxy have the whole URL.
    redirect({ [`${fakeApi.apiUrl}a`]: [302, '/api/b'] });
    const { hostname, port } = new URL(fakeApi.origin);
    const proxy = { protocol: 'http', host: hostname, port: Number(port) };
    await fakeApi.createApi(copy).get('/a', { transport: followRedirects.http, proxy });
    expect(fakeApi.tokens).toEqual(['token-1', 'token-1']);
  });

  test.each([undefined, '/api/b'])(
    'a transport that calls beforeRedirect with href %s sends no token',
    async (href) => {
      const otherHost = await AxiosFakeApi.start();
      redirect({ '/api/a': [302, otherHost.origin] });
      interface Options {
        readonly beforeRedirect?: (...given: unknown[]) => void;
        readonly beforeRedirects?: object;
        readonly headers: object;
      }
      const transport = {
        request(options: Options, done: (response: IncomingMessage) => void) {
          const { port } = otherHost;
          const { beforeRedirect, beforeRedirects } = options;
          const next = {
            beforeRedirects,
            href,
            hostname: '127.0.0.1',
            port,
            path: '/',
            headers: { ...options.headers },
          };
          beforeRedirect?.(next, { headers: {}, statusCode: 302 }, { url: fakeApi.origin, method: 'GET', headers: {} });
          return http.request(next, done);
        },
      };
      await ignoreFailure(fakeApi.createApi(copy).get('/a', { transport }));
      expect(otherHost.tokens).toEqual([undefined]);
    },
  );

  test('a redirect that an adapter of the caller returns without a request is the response', async () => {
    const adapter = vi.fn<AxiosAdapter>(async (config) => {
      return { status: 302, statusText: '', data: '', headers: { location: '/api/b' }, config };
    });
    expect(await fakeApi.createApi(copy).get('/a', { adapter })).toMatchObject({ status: 302 });
    expect(adapter).toHaveBeenCalledOnce();
  });

  test('a call that has lost its token does not get it back, with any adapter', async () => {
    redirect({ '/out': [302, '/api/b'] });
    const request = { redirect: 'manual', url: `${fakeApi.origin}/api/a`, method: 'GET', headers: {} };
    const responses = [{ status: 302, statusText: '', data: '', headers: { location: '/out' }, request }];
    const http = copy.axios.getAdapter('http');
    const adapter: AxiosAdapter = async (config) => {
      const response = responses.shift();
      return response ? { ...response, config } : http(config);
    };
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { adapter }));
    expect(seen()).toEqual(['/out without', '/api/b without']);
  });

  test('calls the beforeRedirect of the caller, which can send another Authorization to other hosts', async () => {
    redirect({ '/api/a': [302, '/out'] });
    const called: string[] = [];
    let redirected: unknown;
    await fakeApi.createApi(copy).get('/a', {
      beforeRedirect(options, { statusCode }, request) {
        called.push(`${statusCode} ${options['path']}`);
        redirected = request;
        options['headers'].Authorization = 'Bearer mine';
      },
    });
    expect(called).toEqual(['302 /out']);
    const passed = { method: 'GET', headers: { Accept: expect.any(String) } };
    // Axios 1.12 passes no third argument.
    if (copy.name.includes('1.12')) expect(redirected).toBeUndefined();
    else expect(redirected).toMatchObject(passed);
    expect(inspect(redirected)).not.toContain('planted-token');
    expect(fakeApi.requests[1]?.headers.authorization).toBe('Bearer mine');
  });

  test('a beforeRedirect may set the Host of the API', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const beforeRedirect = ({ headers }: { headers?: object }) =>
      void Object.assign(headers ?? {}, { hOST: new URL(fakeApi.origin).host });
    await fakeApi.createApi(copy).get('/a', { beforeRedirect });
    expect(fakeApi.tokens).toEqual(['token-1', 'token-1']);
  });

  test('a call does not get its token back after a redirect with an Authorization of the caller', async () => {
    redirect({ '/api/a': [302, '/api/b'], '/api/b': [302, '/api/c'] });
    fakeApi.refuse = fakeApi.respond;
    let redirects = 0;
    const beforeRedirect = ({ headers }: { headers?: object }) =>
      void (redirects++ === 0 && Object.assign(headers ?? {}, { aUTHORIZATION: 'Bearer mine' }));
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    const sent = fakeApi.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer planted-token-1', 'Bearer mine', undefined]);
  });

  test('a redirect loses the token when the beforeRedirect of the caller changes its target', async () => {
    const otherHost = await AxiosFakeApi.start();
    redirect({ '/api/a': [302, '/api/b'] });
    const { host, port } = new URL(otherHost.origin);
    const beforeRedirect = (options: object) => void Object.assign(options, { host, port });
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    expect(otherHost.requests.map(({ path, token }) => [path, token])).toEqual([['/api/b', undefined]]);
  });

  test('a redirect loses the token when the beforeRedirect of the caller sets a Host that does not name the API', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const beforeRedirect = ({ headers }: { headers?: object }) =>
      void Object.assign(headers ?? {}, { hOST: 'elsewhere.example' });
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    expect(fakeApi.requests[1]?.host).toBe('elsewhere.example');
    expect(seen()).toEqual(['/api/a token-1', '/api/b without']);
  });

  test('a beforeRedirect that throws ends the call as an AxiosError', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const beforeRedirect = () => {
      throw new Error('not there');
    };
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    expect(error).toMatchObject({ isAxiosError: true, config: { url: '/a' } });
    expect(fakeApi.requests).toHaveLength(1);
  });

  test('a beforeRedirect that sets an invalid href ends the call as without us', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (path === '/api/a' ? response.writeHead(302, { location: '/api/b' }).end() : response.destroy());
    fakeApi.refuse = fakeApi.respond;
    const beforeRedirect = (options: object) => void Object.assign(options, { href: 'no URL' });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ECONNRESET', config: { url: '/a' } });
    expect(seen()).toEqual(['/api/a token-1', '/api/b without']);
  });

  test('the body of a redirect is neither awaited nor limited', async () => {
    fakeApi.respond = ({ path }, response) => {
      if (path !== '/api/a') return void response.end('{"arrived":true}');
      response.writeHead(302, { location: '/api/b', 'content-encoding': 'gzip' });
      response.write('never compressed, never ended');
    };
    const { data } = await fakeApi.createApi(copy).get('/a', { maxContentLength: 20 });
    expect(data).toEqual({ arrived: true });
  });

  test('a redirect has the credentials that the beforeRedirect of the caller sets', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const beforeRedirect = (options: object) => void Object.assign(options, { auth: 'user:password' });
    await ignoreFailure(fakeApi.createApi(copy).get('/a', { beforeRedirect }));
    expect(fakeApi.requests[1]?.headers.authorization).toMatch(/^Basic /);
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'fetch'))('$name', (copy) => {
  test('a redirect that requires a stream again fails', async () => {
    redirect({ '/api/a': [307, '/api/b'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).post('/a', new Blob(['once']).stream()));
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_NETWORK' });
    expect(fakeApi.bodies).toEqual(['once']);
  });

  test.each([-1, 0.5, Number.NaN])('a maxRedirects of %d ends', async (maxRedirects) => {
    redirect({ '/api/a': [302, '/api/a'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { maxRedirects }));
    expect(error).toMatchObject({
      code: 'ERR_NETWORK',
      cause: { message: 'Cannot follow the redirect: more redirects than are allowed' },
    });
  });

  test('with redirect: manual, the redirect is the response', async () => {
    redirect({ '/api/a': [302, '/out'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { fetchOptions: { redirect: 'manual' } }));
    expect(error).toMatchObject({ status: 302 });
    expect(fakeApi.requests).toHaveLength(1);
  });

  test('a redirect to an invalid URL fails as an AxiosError', async () => {
    redirect({ '/api/a': [302, 'http://['] });
    expect(await ignoreFailure(fakeApi.createApi(copy).get('/a'))).toMatchObject({
      isAxiosError: true,
      code: 'ERR_NETWORK',
    });
  });

  test('an error after a redirect has the config of the caller', async () => {
    fakeApi.respond = ({ path }, response) =>
      void (path.startsWith('/api/') ? response.writeHead(302, { location: '/out' }).end() : response.destroy());
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { params: { page: 2 } }));
    expect(error).toMatchObject({ code: 'ERR_NETWORK', config: { url: '/a', params: { page: 2 } } });
    expect(seen()).toEqual(['/api/a?page=2 token-1', '/out without']);
  });

  test.each([undefined, 'follow'])('follows redirects with the mode %s by the rules for the token', async (mode) => {
    redirect({ '/api/a': [302, '/out'] });
    await fakeApi.createApi(copy).get('/a', { fetchOptions: { redirect: mode } });
    expect(seen()).toEqual(['/api/a token-1', '/out without']);
  });

  test('with redirect: error, a redirect fails', async () => {
    redirect({ '/api/a': [302, '/api/b'] });
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/a', { fetchOptions: { redirect: 'error' } }));
    expect(error).toMatchObject({ code: 'ERR_NETWORK' });
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'fetch'))('$name', (copy) => {
  test.each([
    ['no Request', { Request: null, Response: null }],
    ['the global Request', {}],
  ])('follows redirects with a custom fetch and %s', async (_, env) => {
    redirect({ '/api/a': [302, '/api/b'], '/api/b': [302, '/out'] });
    const called: string[] = [];
    const own: typeof fetch = (input, init) => {
      called.push(input instanceof Request ? input.url : String(input));
      return fetch(input, init);
    };
    const api = fakeApi.createApi(copy, { env: { fetch: own, ...env } as never });
    expect((await api.get('/a')).data).toEqual({ arrived: true });
    expect(seen()).toEqual(['/api/a token-1', '/api/b token-1', '/out without']);
    expect(called).toHaveLength(3);
  });
});
