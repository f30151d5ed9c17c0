import { ConfigurationError, createInstellixClient, type InstellixClient } from '@instellix/core';
import type { FakeApiResponder } from '@instellix/testing/servers';
import { describe, expect, test } from 'vitest';
import { instellixHealth } from '../src/index.ts';
import { ExpressFakeApi } from './express-fake-api.ts';
import { expresses, serve } from './expresses.ts';

const failing: FakeApiResponder = (_, response) =>
  void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_scope"}');

describe.each(expresses)('$name', ({ express }) => {
  async function mount(...args: Parameters<typeof instellixHealth>): Promise<string> {
    const app = express();
    app.use('/health', instellixHealth(...args));
    return `${await serve(app)}/health`;
  }
  async function probe(url: string, init?: RequestInit) {
    const { status, headers, ...rest } = await fetch(url, init).then(async (response) => ({
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    }));
    return { status, headers, body: rest.text === '' ? undefined : JSON.parse(rest.text) };
  }

  test('probes of a new client share one token request, and send no other', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const url = await mount(fakeApi.createClient());
    const responses = await Promise.all(Array.from({ length: 20 }, () => probe(url)));
    for (const { status, body } of responses) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: 'ok', condition: 'healthy', state: 'fresh' });
    }
    await probe(url);
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('a service without a token is not ready until it has one', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const issue = fakeApi.hold('respondToToken');
    const client = fakeApi.createClient();
    const url = await mount(client, { timeoutMs: 5 });
    expect(await probe(url)).toMatchObject({ status: 503, body: { status: 'down', condition: 'starting' } });
    issue();
    await client.getToken();
    expect(await probe(url)).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(fakeApi.tokenRequests).toBe(1);
  });

  test('a probe with a short timeout gets its response first', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respondToToken = () => {};
    const client = fakeApi.createClient();
    const patient = [await mount(client), await mount({ one: client })];
    const hasty = [await mount(client, { timeoutMs: 5 }), await mount({ one: client }, { timeoutMs: 5 })];
    const finished: string[] = [];
    await Promise.all([...patient, ...hasty].map((url) => probe(url).then(() => finished.push(url))));
    expect(finished.slice(0, 2).sort()).toEqual(hasty.sort());
  });

  test('a failed token request shows neither the realm nor the message of the server', async () => {
    const fakeApi = await ExpressFakeApi.start();
    fakeApi.respondToToken = failing;
    const { status, body } = await probe(await mount(fakeApi.createClient()));
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'down', condition: 'failing', lastError: { code: 'token_request_refused' } });
    expect(JSON.stringify(body)).not.toMatch(/acme-realm|planted|127\.0\.0\.1|invalid_scope/);
  });

  test('a service with a valid token and a failing refresh stays up, as degraded', async () => {
    const fakeApi = await ExpressFakeApi.start();
    let ahead = 0;
    await using client = createInstellixClient({
      ...fakeApi.options,
      clock: {
        now: () => Date.now() + ahead,
        monotonic: () => performance.now() + ahead,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
      },
    });
    const url = await mount(client);
    await client.getToken();
    fakeApi.respondToToken = failing;
    ahead = 260_000;
    await client.getToken();
    while (client.status().refreshing) await new Promise(setImmediate);
    expect(await probe(url)).toMatchObject({ status: 200, body: { status: 'degraded', condition: 'degraded' } });
  });

  test('a closed client is down', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const client = fakeApi.createClient();
    await client.close();
    expect(await probe(await mount(client))).toMatchObject({ status: 503, body: { condition: 'closed' } });
  });

  test('of several clients, the worst one decides the status, and each is listed', async () => {
    const [well, ill] = [await ExpressFakeApi.start(), await ExpressFakeApi.start()];
    ill.respondToToken = failing;
    const clients = { well: well.createClient(), ill: ill.createClient() };
    const url = await mount(clients);
    const { status, body } = await probe(url);
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'down', condition: 'failing' });
    expect(body.clients).toMatchObject({ well: { status: 'ok' }, ill: { status: 'down', condition: 'failing' } });
    const reversed = await probe(await mount({ ill: clients.ill, well: clients.well }));
    expect(reversed).toMatchObject({ status: 503, body: { status: 'down' } });
    const healthy = await probe(await mount({ well: clients.well }));
    expect(healthy).toMatchObject({ status: 200, body: { status: 'ok', condition: 'healthy' } });
  });

  test('HEAD has no body, and no response is cached', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const url = await mount(fakeApi.createClient());
    const [get, head] = [await probe(url, { headers: { 'If-None-Match': '*' } }), await probe(url, { method: 'HEAD' })];
    expect([get.status, head.status, head.body]).toEqual([200, 200, undefined]);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    for (const { headers } of [get, head]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-type')).toBe('application/json');
      expect(headers.has('etag')).toBe(false);
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is rejected, and requests no token', async (method) => {
    const fakeApi = await ExpressFakeApi.start();
    const { status, headers, body } = await probe(await mount(fakeApi.createClient()), { method });
    expect([status, headers.get('allow'), body.code]).toEqual([405, 'GET, HEAD', 'method_not_allowed']);
    expect(fakeApi.tokenRequests).toBe(0);
  });

  test.each([
    ['a status that is not JSON', () => ({ state: 'fresh', refreshing: false, expiresAt: 1n }), /serialize a BigInt/],
    [
      'undefined, thrown',
      () => {
        throw undefined;
      },
      /instellixHealth\(\) failed without a reason/,
    ],
  ])('passes %s of a faulty client to the error handlers', async (_, status, problem) => {
    const fakeApi = await ExpressFakeApi.start();
    const app = express();
    app.use(instellixHealth({ ...fakeApi.createClient(), status } as unknown as InstellixClient));
    const response = await fetch(await serve(app));
    expect([response.status, await response.text()]).toEqual([500, expect.stringMatching(problem)]);
  });

  test('an error of the client goes to the error handlers', async () => {
    const fakeApi = await ExpressFakeApi.start();
    const broken = {
      ...fakeApi.createClient(),
      status: () => {
        throw new Error('broken');
      },
    };
    const app = express();
    app.use(instellixHealth(broken));
    expect((await fetch(await serve(app))).status).toBe(500);
  });
});

describe('rejects invalid arguments when it is created', () => {
  const client = {
    getToken() {},
    peekToken() {},
    fetch() {},
    status() {},
    subscribe() {},
    close() {},
  } as unknown as InstellixClient;

  test.each<[string, unknown[], RegExp]>([
    ['nothing', [], /the first argument must be a client, or an object of clients by name, with at least one/],
    ['null', [null], /the first argument must be a client, or/],
    ['no client', [{}], /the first argument must be a client, or/],
    [
      'an object with the client',
      [{ client }],
      /must be a client, not an object that contains one: pass the client itself/,
    ],
    ['an object with the client and options', [{ client, timeoutMs: 5 }], /pass the client itself/],
    ['a part of a client', [{ getToken() {} }], /the first argument must be an object with the methods getToken/],
    [
      'an object that is not a client',
      [{ a: client, b: {} }],
      /: instellixHealth: client "b" must be an object with the/,
    ],
    ['a missing client', [{ a: client, b: undefined }], /client "b" is missing/],
    ['a misspelt option', [client, { timeout: 5 }], /some of the keys timeoutMs, not "timeout"/],
    ['no time', [client, { timeoutMs: 0 }], /timeoutMs must be a number from 1/],
    ['endless time', [client, { timeoutMs: Number.POSITIVE_INFINITY }], /timeoutMs must be/],
    ['time as a string', [client, { timeoutMs: '5' }], /timeoutMs must be/],
  ])('%s', (_, args, problem) => {
    const mounting = () => instellixHealth(...(args as Parameters<typeof instellixHealth>));
    expect(mounting).toThrow(ConfigurationError);
    expect(mounting).toThrow(problem);
  });

  test('with all problems at once', () => {
    expect(() => instellixHealth({}, { timeoutMs: -1, timeout: 5 } as object)).toThrow(/3 problems/);
  });
});
