import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstellixClient, findInstellixError, type InstellixClient } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { setupCache } from 'axios-cache-interceptor';
import { wrapper } from 'axios-cookiejar-support';
import axiosRetry, { isNetworkOrIdempotentRequestError } from 'axios-retry';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { CookieJar } from 'tough-cookie';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ignoreFailure } from './axios-fake-api.ts';
import { copies } from './copies.ts';

let emulator: Emulator;
let client: InstellixClient;

beforeEach(async () => {
  emulator = await startEmulator({ throttleWindowMs: 0 });
  const { url, realm, clientId, clientSecret } = emulator;
  client = createInstellixClient({
    environment: { apiUrl: url },
    realm,
    clientId,
    clientSecret,
    tokenRequest: { minIntervalMs: 0 },
  });
});

afterEach(async () => {
  await client.close();
  await emulator.close();
});

const count = (endpoint: string) => emulator.requests.count({ endpoint });

describe.each(copies)('$name', (copy) => {
  const create = (defaults: object = {}) =>
    copy.axios.create({ baseURL: emulator.url, adapter: copy.adapter, ...defaults });

  /** Adds another package to an instance before and after the interceptor. */
  const both = (add: (api: ReturnType<typeof create>) => unknown) =>
    [true, false].map((isFirst) => {
      const api = create();
      if (isFirst) add(api);
      copy.install(api, client);
      if (!isFirst) add(api);
      return api;
    });

  test('axios-cache-interceptor serves from its cache, and repeats a call that had no token', async () => {
    for (const api of both((instance) => setupCache(instance as never, { interpretHeader: false }))) {
      const fault = await emulator.faults.add({
        on: 'token',
        respond: { status: 400, body: '{"error":"invalid_scope"}' },
      });
      await emulator.tokens.expireAll();
      const rejected = client.peekToken();
      if (rejected) await ignoreFailure(client.getToken({ rejected }));
      const error = await ignoreFailure(api.get('/customers'));
      expect(error).toBeInstanceOf(copy.axios.AxiosError);
      expect(findInstellixError(error)).toMatchObject({ code: 'token_request_refused' });
      await fault.remove();
      // The client itself retries with a growing interval.
      while (!client.peekToken()) await ignoreFailure(client.getToken());
      expect((await api.get('/customers')).status).toBe(200);
      const before = await count('GET /customers');
      expect(await api.get('/customers')).toMatchObject({ status: 200, cached: true });
      expect(await count('GET /customers')).toBe(before);
    }
  });

  describe('axios-retry', () => {
    const refuse = (times: number) => emulator.faults.add({ on: 'GET /customers', times, respond: { status: 503 } });
    const options = { retries: 2, retryDelay: () => 0 };

    test('retries a failed call with the current token', async () => {
      for (const api of both((instance) => axiosRetry(instance as never, options))) {
        await refuse(1);
        await client.getToken();
        await emulator.tokens.revokeAll();
        expect((await api.get('/customers')).status).toBe(200);
      }
      expect(await count('GET /customers')).toBe(6);
    });

    test('retries by default without a token, but not with the retryCondition of the README', async () => {
      await emulator.faults.add({ on: 'token', respond: { status: 400, body: '{"error":"invalid_scope"}' } });
      const retryCondition: typeof isNetworkOrIdempotentRequestError = (error) =>
        !findInstellixError(error) && isNetworkOrIdempotentRequestError(error);
      const retries: number[] = [];
      for (const each of [options, { ...options, retryCondition }]) {
        let retried = 0;
        const api = create();
        copy.install(api, client);
        axiosRetry(api as never, { ...each, onRetry: () => void retried++ });
        expect(findInstellixError(await ignoreFailure(api.get('/customers')))).toBeDefined();
        retries.push(retried);
      }
      expect(retries).toEqual([2, 0]);
    });
  });

  test('msw responds to a call, and receives each token of a resent call', async () => {
    const seen: (string | null)[] = [];
    const server = setupServer(
      http.get('*/mocked', ({ request }) => {
        seen.push(request.headers.get('authorization'));
        return HttpResponse.json({ mocked: true }, { status: seen.length === 1 ? 401 : 200 });
      }),
    );
    server.listen();
    onTestFinished(() => server.close());
    // Otherwise Axios 1.12 calls the `fetch` that existed when it was loaded.
    const api = create({ env: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) } });
    copy.install(api, client);
    expect((await api.get('/mocked')).data).toEqual({ mocked: true });
    expect([seen.length, new Set(seen).size, seen[1]]).toEqual([2, 2, `Bearer ${(await client.getToken()).value}`]);
  });

  test('OpenTelemetry creates a span for each request, with its traceparent, and no span contains the token', async () => {
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const instrumentations = [new HttpInstrumentation(), new UndiciInstrumentation()];
    for (const instrumentation of instrumentations) {
      instrumentation.setTracerProvider(tracerProvider);
      instrumentation.enable();
    }
    onTestFinished(async () => {
      for (const instrumentation of instrumentations) instrumentation.disable();
      await tracerProvider.shutdown();
    });
    const api = create();
    copy.install(api, client);
    const { value } = await client.getToken();
    await emulator.tokens.revokeAll();
    await api.get('/customers');
    await tracerProvider.forceFlush();
    const attributes = exporter.getFinishedSpans().map((span) => JSON.stringify(span.attributes));
    expect(attributes.join()).not.toContain(value);
    if (copy.adapter === 'fetch')
      expect(attributes.filter((each) => each.includes('/customers')).length).toBeGreaterThanOrEqual(2);
  });
});

describe.each(copies.filter(({ adapter }) => adapter === 'http'))('$name', (copy) => {
  test('uses an agent and a cookie jar in the config', async () => {
    const server = createServer((request, response) => {
      const isKnown = request.headers.cookie === 'session=1';
      response.writeHead(request.headers.authorization ? 200 : 401, { 'set-cookie': 'session=1; Path=/' });
      response.end(JSON.stringify({ isKnown, port: request.socket.remotePort }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const token = await client.getToken();
    const tokens: InstellixClient = {
      ...client,
      environment: { ...client.environment, apiUrl: new URL(apiUrl) },
      peekToken: () => token,
    };
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => {
      httpAgent.destroy();
      server.closeAllConnections();
      server.close();
    });
    const withAgent = copy.axios.create({ baseURL: apiUrl, adapter: 'http', httpAgent });
    copy.install(withAgent, tokens);
    const ports = [await withAgent.get('/1'), await withAgent.get('/2')].map(({ data }) => data.port);
    expect(new Set(ports).size).toBe(1);
    for (const isFirst of [true, false]) {
      const withJar = copy.axios.create({ baseURL: apiUrl, adapter: 'http' });
      if (!isFirst) copy.install(withJar, tokens);
      wrapper(withJar as never);
      if (isFirst) copy.install(withJar, tokens);
      const jar = new CookieJar();
      const known = [await withJar.get('/1', { jar } as object), await withJar.get('/2', { jar } as object)];
      expect(known.map(({ data }) => data.isKnown)).toEqual([false, true]);
    }
  });
});
