import { createInstellixClient, describeRefusal, type InstellixClientOptions } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instellix, instellixErrorHandler, instellixHealth } from '../src/index.ts';
import { expresses, serve } from './expresses.ts';

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator({ throttleWindowMs: 0 });
});
afterEach(() => emulator.close());

describe.each(expresses)('$name a service on the emulator', ({ express }) => {
  /** A service that lists customers. */
  async function startService(options: InstellixClientOptions = {}) {
    const client = createInstellixClient({
      environment: { apiUrl: emulator.url },
      realm: emulator.realm,
      clientId: emulator.clientId,
      clientSecret: emulator.clientSecret,
      tokenRequest: { minIntervalMs: 0, maxWaitMs: 1_000 },
      ...options,
    });
    const app = express();
    app.get('/health', instellixHealth(client));
    app.use(instellix(client));
    app.get('/customers', async (request, response, next) => {
      try {
        const customers = await request.instellix.fetch('/customers');
        const refusal = describeRefusal(customers);
        if (refusal) throw refusal;
        response.json(await customers.json());
      } catch (error) {
        next(error);
      }
    });
    app.use(instellixErrorHandler());
    const origin = await serve(app);
    const read = async (path: string) => {
      const response = await fetch(origin + path);
      return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
    };
    return { read, [Symbol.asyncDispose]: client.close };
  }

  test('requests one token for a hundred simultaneous requests and probes, and reuses it', async () => {
    await using service = await startService();
    const paths = Array.from({ length: 100 }, (_, index) => (index % 4 === 0 ? '/health' : '/customers'));
    const responses = await Promise.all(paths.map(service.read));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });

  test('hides a revoked token from its callers', async () => {
    await using service = await startService();
    await service.read('/customers');
    await emulator.tokens.revokeAll();
    const responses = await Promise.all(Array.from({ length: 10 }, () => service.read('/customers')));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
  });

  test('responds with 503 and Retry-After while it gets no token, and its health check with 503', async () => {
    const fault = await emulator.faults.add({
      on: 'token',
      respond: { status: 503, headers: { 'Retry-After': '20' } },
    });
    await using service = await startService();
    const { status, retryAfter, body } = await service.read('/customers');
    expect([status, body.code]).toEqual([503, 'token_endpoint_unavailable']);
    expect(Number(retryAfter)).toBeGreaterThan(15);
    expect(await service.read('/health')).toMatchObject({ status: 503, body: { condition: 'failing' } });
    await fault.remove();
  });

  test('responds with 502, not 401, when its credential is rejected', async () => {
    await emulator.credentials.deactivate(emulator.clientId);
    await using service = await startService();
    const { status, body } = await service.read('/customers');
    expect([status, body]).toEqual([502, { status: 502, title: 'Bad Gateway', code: 'credentials_rejected' }]);
  });

  test('responds with 502, not 403, when its account lacks an access right', async () => {
    const credential = await emulator.credentials.create({ roles: ['none'] });
    await using service = await startService(credential);
    const { status, body } = await service.read('/customers');
    expect([status, body.code]).toEqual([502, 'insufficient_scope']);
  });

  test('responds with 504 when the token endpoint does not respond in time', async () => {
    await emulator.faults.add({ on: 'token', socket: 'hang' });
    await using service = await startService({ tokenRequest: { minIntervalMs: 0, maxWaitMs: 500, timeoutMs: 200 } });
    expect((await service.read('/customers')).body).toMatchObject({ status: 504, code: 'token_request_timeout' });
  });
});
