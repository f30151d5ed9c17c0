import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { findInstellixError, type InstellixClient, isInstellixError, RequestRefusedError } from '@instellix/core';
import { until } from '@instellix/testing';
import type { AxiosAdapter, AxiosError, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import NodeFormData from 'form-data';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AxiosFakeApi, ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let fakeApi: AxiosFakeApi;

beforeEach(async () => {
  fakeApi = await AxiosFakeApi.start();
});

/** An adapter that responds with these in turn. */
function respondInTurn(responses: Partial<AxiosResponse>[]): AxiosAdapter {
  return async (config) => ({ statusText: '', headers: {}, config, data: '', status: 500, ...responses.shift() });
}

describe.each(copies)('$name', (copy) => {
  describe('a body is resent byte for byte, after one refresh,', () => {
    const web = () => {
      const form = new FormData();
      form.append('field', 'a value');
      form.append('file', new Blob(['file content'], { type: 'text/plain' }), 'name.txt');
      return form;
    };
    test.each<[string, () => Partial<AxiosRequestConfig>, RegExp]>([
      ['JSON', () => ({ data: { name: 'Ada' } }), /^{"name":"Ada"}$/],
      ['a string', () => ({ data: 'plain text' }), /^plain text$/],
      ['URLSearchParams', () => ({ data: new URLSearchParams({ a: '1 2' }) }), /^a=1\+2$/],
      ['a Buffer', () => ({ data: Buffer.from([33, 255, 128]) }), /^!\xff\x80$/],
      ['an ArrayBuffer', () => ({ data: new Uint8Array([65, 66]).buffer }), /^AB$/],
      ['a Blob', () => ({ data: new Blob(['blob']) }), /^blob$/],
      ['FormData', () => ({ data: web() }), /name="field"\r\n\r\na value\r\n[\s\S]*file content\r\n/],
      ['nothing', () => ({}), /^$/],
    ])('%s', async (_, makeConfig, expected) => {
      await fakeApi.spoilToken();
      const response = await fakeApi.createApi(copy).request({ method: 'post', url: '/things', ...makeConfig() });
      expect(response.status).toBe(200);
      expect(fakeApi.tokens).toEqual(['token-1', 'token-2']);
      // Each attempt has its own boundary.
      const [first, second] = fakeApi.requests.map(({ headers, bytes }) => {
        const body = bytes.toString('latin1');
        const boundary = /^--(\S+)/.exec(body)?.[1] ?? '\0';
        return [
          headers['content-type']?.replace(boundary, ''),
          headers['content-length'],
          body.replaceAll(boundary, ''),
        ];
      });
      expect(second).toEqual(first);
      expect(second?.[2]).toMatch(expected);
    });
  });

  const streams: [string, () => unknown][] = [
    ...(copy.adapter === 'http'
      ? ([
          ['a stream of Node', () => Readable.from(['once', ' only'])],
          [
            'form-data',
            () => {
              const form = new NodeFormData();
              form.append('field', 'once only');
              return form;
            },
          ],
        ] as [string, () => unknown][])
      : ([['a stream of the web', () => new Blob(['once only']).stream()]] as [string, () => unknown][])),
  ];

  test.each(streams)(
    '%s is never replayed, least of all empty, and its 401 brings a new token for the next call',
    async (_, make) => {
      await fakeApi.spoilToken();
      const api = fakeApi.createApi(copy);
      const refused = await ignoreFailure(api.post('/things', make()));
      expect(refused).toMatchObject({ status: 401, response: { status: 401 }, cause: { code: 'token_rejected' } });
      expect(fakeApi.bodies).toEqual([expect.stringContaining('once only')]);
      await until(() => fakeApi.tokenRequests === 2);
      expect((await api.get('/things')).status).toBe(200);
      expect(fakeApi.tokenRequests).toBe(2);
    },
  );

  test.each(streams)('%s that instellix.body creates again is resent completely', async (_, make) => {
    await fakeApi.spoilToken();
    let made = 0;
    const body = () => {
      made++;
      return make();
    };
    const response = await fakeApi.createApi(copy).post('/things', undefined, { instellix: { body } });
    expect(response.status).toBe(200);
    expect(made).toBe(2);
    expect(fakeApi.bodies).toEqual([expect.stringContaining('once only'), expect.stringContaining('once only')]);
  });

  test('awaits a promise from instellix.body', async () => {
    await fakeApi.createApi(copy).post('/things', undefined, { instellix: { body: async () => 'later' } });
    expect(fakeApi.bodies).toEqual(['later']);
  });

  test.each([401, 403, 307])(
    'an error of instellix.body is not a response of the API, even with a %i',
    async (status) => {
      const otherHost = await AxiosFakeApi.start();
      const response = {
        status,
        statusText: '',
        data: '',
        headers: { location: `${otherHost.origin}/collect` },
        config: {} as InternalAxiosRequestConfig,
        request: { redirect: 'manual', url: otherHost.origin, method: 'POST', headers: {} },
      };
      const failure = new copy.axios.AxiosError('of the body', 'ERR_MINE', response.config, response.request, response);
      const body = vi.fn(() => Promise.reject(failure));
      const error = await ignoreFailure(fakeApi.createApi(copy).post('/things', undefined, { instellix: { body } }));
      expect(error).toBeInstanceOf(copy.axios.AxiosError);
      expect(error).toMatchObject({ message: 'of the body', config: { url: '/things' }, cause: failure });
      expect(error).not.toHaveProperty('response');
      expect([failure.config, body.mock.calls.length]).toEqual([response.config, 1]);
      expect([fakeApi.requests, otherHost.requests, fakeApi.tokenRequests]).toEqual([[], [], 1]);
    },
  );

  test('instellix.body is called as a method, without arguments', async () => {
    const given: unknown[] = [];
    class Upload {
      readonly content = 'mine';
      body(...args: unknown[]) {
        given.push(...args);
        return this.content;
      }
    }
    await fakeApi.createApi(copy).post('/things', undefined, { instellix: new Upload() });
    expect([fakeApi.bodies, given]).toEqual([['mine'], []]);
  });

  test('data together with instellix.body is an error', async () => {
    const call = fakeApi.createApi(copy).post('/things', 'data', { instellix: { body: () => 'body' } });
    await expect(call).rejects.toMatchObject({
      message: expect.stringContaining('instellix.body'),
      cause: { code: 'configuration_invalid' },
    });
    expect(fakeApi.requests).toEqual([]);
  });

  test.each(['before', 'after'])(
    'transforms, and interceptors added %s ours, run once for a resent call',
    async (when) => {
      await fakeApi.spoilToken();
      const ran: string[] = [];
      const api = copy.axios.create({ baseURL: fakeApi.apiUrl, adapter: copy.adapter });
      if (when === 'after') copy.install(api, fakeApi.client);
      api.interceptors.request.use((config) => {
        ran.push('request');
        return config;
      });
      api.interceptors.response.use((response) => {
        ran.push('response');
        return response;
      });
      if (when === 'before') copy.install(api, fakeApi.client);
      const { data } = await api.post(
        '/things',
        { count: 1 },
        {
          transformRequest: (sent) => {
            ran.push('transformRequest');
            return `<${JSON.stringify(sent)}>`;
          },
          transformResponse: (received) => {
            ran.push('transformResponse');
            return `[${received}]`;
          },
        },
      );
      expect(ran).toEqual(['request', 'transformRequest', 'transformResponse', 'response']);
      expect(data).toBe('[{"ok":true}]');
      expect(fakeApi.bodies).toEqual(['<{"count":1}>', '<{"count":1}>']);
    },
  );

  test('an asynchronous interceptor does not prevent the token', async () => {
    const api = fakeApi.createApi(copy);
    api.interceptors.request.use(async (config) => {
      await new Promise(setImmediate);
      return config;
    });
    await api.get('/things');
    expect(fakeApi.tokens).toEqual(['token-1']);
  });

  test.each<[string, () => unknown]>([
    ['never confirms', () => new Promise(() => {})],
    ['returns no promise', () => undefined],
    ['rejects', () => Promise.reject(new Error('locked'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('resends after a 401 whose body cancellation %s', async (_, cancel) => {
    let sent = 0;
    const adapter = async (config: InternalAxiosRequestConfig) => {
      const status = sent++ === 0 ? 401 : 200;
      return { status, statusText: '', headers: {}, config, data: status === 401 ? { getReader() {}, cancel } : 'ok' };
    };
    const response = await fakeApi.createApi(copy).get('/things', { adapter: adapter as never });
    expect([response.data, sent]).toEqual(['ok', 2]);
  });

  test('resends after a 401 also when validateStatus accepts it', async () => {
    await fakeApi.spoilToken();
    const response = await fakeApi.createApi(copy).get('/things', { validateStatus: () => true });
    expect(response).toMatchObject({ status: 200, data: { ok: true } });
    expect(fakeApi.tokens).toEqual(['token-1', 'token-2']);
  });

  test('returns a persistent 401 when validateStatus accepts it', async () => {
    fakeApi.refusesAll = true;
    const response = await fakeApi.createApi(copy).get('/things', { validateStatus: () => true });
    expect(response).toMatchObject({ status: 401, data: { error: 'invalid_token' } });
    expect(fakeApi.requests).toHaveLength(2);
  });

  test('a 403 keeps its AxiosError, and its cause names the missing right', async () => {
    fakeApi.respond = (_, response) =>
      void response.writeHead(403, { 'www-authenticate': 'Bearer scope="orders:read"' }).end('{"detail":"no"}');
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/orders'));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(error).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 403, data: { detail: 'no' } },
      cause: {
        code: 'insufficient_scope',
        requiredScope: 'orders:read',
        message: expect.stringContaining('environment test'),
      },
    });
    expect(fakeApi.requests).toHaveLength(1);
    expect(Object.keys(error as object)).not.toContain('cause');
  });

  test('a 403 without a scope is explained with the requiredScope of the call', async () => {
    fakeApi.respond = (_, response) => void response.writeHead(403).end();
    const error = await ignoreFailure(
      fakeApi.createApi(copy).get('/orders', { instellix: { requiredScope: 'orders:list' } }),
    );
    expect(error).toMatchObject({ cause: { code: 'insufficient_scope', requiredScope: 'orders:list' } });
  });

  test('a 403 that names the token as a scope does not show it', async () => {
    fakeApi.respond = ({ token }, response) =>
      void response.writeHead(403, { 'www-authenticate': `Bearer scope="planted-${token}"` }).end();
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/orders'));
    expect(findInstellixError(error)).toMatchObject({ code: 'insufficient_scope' });
    expect(findInstellixError(error)?.message).not.toContain('planted');
  });

  test('all other failures are those of Axios', async () => {
    fakeApi.respond = (_, response) => void response.writeHead(500).end('broken');
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things'));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE', response: { status: 500, data: 'broken' } });
    expect(isInstellixError((error as Error).cause)).toBe(false);
  });

  test('a call without a token rejects with an AxiosError of its build, without a code and with the error of core as its cause', async () => {
    fakeApi.respondToToken = (_, response) => void response.writeHead(400).end('{"error":"invalid_scope"}');
    const error = await ignoreFailure(fakeApi.createApi(copy).get('/things'));
    expect(error).toBeInstanceOf(copy.axios.AxiosError);
    expect(error).toMatchObject({
      message: expect.stringContaining('invalid_scope'),
      config: { url: '/things' },
      cause: { code: 'token_request_refused', oauthError: 'invalid_scope' },
    });
    expect(error).not.toHaveProperty('code');
    expect(findInstellixError(error)).toBe((error as Error).cause);
    expect(fakeApi.requests).toEqual([]);
  });

  test('a failed refresh rejects with its error, not with the 401', async () => {
    await fakeApi.spoilToken();
    fakeApi.respondToToken = (_, response) => void response.writeHead(400).end('{"error":"invalid_scope"}');
    await expect(fakeApi.createApi(copy).get('/things', { responseType: 'stream' })).rejects.toMatchObject({
      isAxiosError: true,
      cause: { code: 'token_request_refused' },
    });
  });

  test('a 401 in a rejection loop is returned to the caller, with the reason', async () => {
    const token = await fakeApi.client.getToken();
    fakeApi.refusesAll = true;
    const client: InstellixClient = {
      ...fakeApi.client,
      peekToken: () => token,
      getToken: () => Promise.reject(new RequestRefusedError('token_rejected', 'a storm')),
    };
    const api = copy.axios.create({ baseURL: fakeApi.apiUrl, adapter: copy.adapter });
    copy.install(api, client);
    const error = await ignoreFailure(api.get('/things', { responseType: 'stream' }));
    expect(error).toMatchObject({ status: 401, cause: { message: 'a storm' } });
    // The body was not discarded: the caller can read it.
    expect(await text((error as AxiosError<Readable>).response?.data as Readable)).toContain('invalid_token');
    expect(fakeApi.requests).toHaveLength(1);
  });

  test('responses of every type are complete after a resend', async () => {
    fakeApi.respond = (_, response) => void response.end('{"ok":true}');
    const api = fakeApi.createApi(copy);
    const read = async (responseType: 'arraybuffer' | 'json' | 'stream') => {
      await fakeApi.spoilToken();
      const { data } = await api.get('/things', { responseType });
      return responseType === 'stream'
        ? text(data)
        : responseType === 'json'
          ? JSON.stringify(data)
          : Buffer.from(data).toString();
    };
    for (const type of ['arraybuffer', 'json', 'stream'] as const) expect(await read(type)).toBe('{"ok":true}');
    expect(fakeApi.requests).toHaveLength(6);
  });

  test('upload and download progress are reported across a resend', async () => {
    await fakeApi.spoilToken();
    const uploads: number[] = [];
    const downloads: number[] = [];
    await fakeApi.createApi(copy).post('/things', 'x'.repeat(100_000), {
      onUploadProgress: ({ loaded }) => uploads.push(loaded),
      onDownloadProgress: ({ loaded }) => downloads.push(loaded),
    });
    expect(Math.max(...uploads)).toBe(100_000);
    expect(Math.max(...downloads)).toBeGreaterThan(0);
    expect(fakeApi.bodies).toEqual(['x'.repeat(100_000), 'x'.repeat(100_000)]);
  });

  describe('the connection of the 401 is released, so that an agent with one socket does not hang:', () => {
    test.each([
      ['buffered', {}],
      ['a stream', { responseType: 'stream' as const }],
      ['a stream with a limit', { responseType: 'stream' as const, maxContentLength: 1e6 }],
      ['a zipped stream', { responseType: 'stream' as const, decompress: true }],
    ])('%s', async (name, config) => {
      const refusal = 'no'.repeat(300_000);
      fakeApi.refuse = async (_, response) => {
        const { gzipSync } = await import('node:zlib');
        const isZipped = name === 'a zipped stream';
        response.writeHead(401, isZipped ? { 'content-encoding': 'gzip' } : {});
        response.end(isZipped ? gzipSync(refusal) : refusal);
      };
      await fakeApi.spoilToken();
      const httpAgent = new Agent({ maxSockets: 1, keepAlive: true });
      const { status, data } = await fakeApi.createApi(copy, { httpAgent }).get('/things', config);
      expect(status).toBe(200);
      if ('responseType' in config) expect(await text(data)).toBe('{"ok":true}');
      httpAgent.destroy();
    });

    test('an endless stream', async () => {
      let isClosed = false;
      fakeApi.refuse = (_, response) => {
        response.writeHead(401);
        const timer = setInterval(() => response.write('and on'), 1);
        response.on('close', () => {
          clearInterval(timer);
          isClosed = true;
        });
      };
      await fakeApi.spoilToken();
      const httpAgent = new Agent({ maxSockets: 1, keepAlive: true });
      const { data } = await fakeApi.createApi(copy, { httpAgent }).get('/things', { responseType: 'stream' });
      expect(await text(data)).toBe('{"ok":true}');
      await until(() => isClosed);
      httpAgent.destroy();
    });

    test('an endless stream whose token cannot be refreshed', async () => {
      let isClosed = false;
      fakeApi.refuse = (_, response) => {
        response.writeHead(401).write('and on');
        response.on('close', () => {
          isClosed = true;
        });
      };
      await fakeApi.spoilToken();
      fakeApi.respondToToken = (_, response) => void response.writeHead(400).end();
      const call = fakeApi.createApi(copy).get('/things', { responseType: 'stream' });
      await expect(call).rejects.toMatchObject({ cause: { code: 'token_request_refused' } });
      await until(() => isClosed);
    });

    test('a stream of an adapter that exposes no request', async () => {
      await fakeApi.spoilToken();
      const refused = new Readable({ read() {} });
      const responses = [
        { status: 401, data: refused },
        { status: 200, data: '' },
      ];
      await fakeApi.createApi(copy).get('/things', {
        adapter: respondInTurn(responses),
      });
      expect(refused.destroyed).toBe(true);
    });

    test('an async iterable of an adapter that cannot be cancelled', async () => {
      await fakeApi.spoilToken();
      const pieces = async function* () {};
      const responses = [
        { status: 401, data: pieces() },
        { status: 200, data: '' },
      ];
      const { status } = await fakeApi.createApi(copy).get('/things', {
        adapter: respondInTurn(responses),
      });
      expect(status).toBe(200);
    });
  });

  test('members of Object.prototype do not prevent the token', async () => {
    const api = fakeApi.createApi(copy);
    await fakeApi.client.getToken();
    Object.defineProperty(Object.prototype, 'instellix', { value: false, configurable: true, writable: true });
    try {
      await api.get('/things');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'instellix');
    }
    expect(fakeApi.tokens).toEqual(['token-1']);
  });

  test('the config of the caller never contains the token', async () => {
    const open = fakeApi.hold('respond');
    const api = fakeApi.createApi(copy);
    let seen: InternalAxiosRequestConfig | undefined;
    api.interceptors.request.use((config) => {
      seen = config;
      return config;
    });
    const call = api.get('/things');
    await until(() => fakeApi.requests.length === 1);
    expect(JSON.stringify(seen?.headers)).not.toContain('planted');
    open();
    const { config } = await call;
    expect(config.headers.has('Authorization')).toBe(false);
    expect(config.adapter).not.toBeTypeOf('function');
    expect(config).toBe(seen);
  });
});
