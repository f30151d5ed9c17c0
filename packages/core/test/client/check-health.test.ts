import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkHealth } from '../../src/client/check-health.ts';
import { createInstellixClient, type InstellixClient } from '../../src/index.ts';

let client: InstellixClient;
let tokenRequests = 0;
/** How far the client's clock is ahead of the real one, in milliseconds. */
let ahead = 0;
/** Creates the response of the token endpoint. */
let respond: () => Response | Promise<Response>;

const token = (expires_in = 300) =>
  Response.json({ access_token: `token-${tokenRequests}`, token_type: 'bearer', expires_in });
const refused = () => Response.json({ error: 'invalid_scope' }, { status: 400 });

beforeEach(() => {
  tokenRequests = 0;
  ahead = 0;
  respond = () => token();
  client = createInstellixClient({
    environment: 'sandbox',
    realm: 'acme',
    clientId: 'health',
    clientSecret: 'health-secret',
    tokenRequest: { minIntervalMs: 0 },
    clock: {
      now: () => Date.now() + ahead,
      monotonic: () => performance.now() + ahead,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    },
    async fetch() {
      tokenRequests++;
      return respond();
    },
  });
});

afterEach(() => client.close());

describe('a check', () => {
  test('of a client without a token fetches one, once for all checks', async () => {
    const checks = await Promise.all(Array.from({ length: 20 }, () => checkHealth(client)));
    for (const health of checks) expect(health).toMatchObject({ status: 'ok', condition: 'healthy', state: 'fresh' });
    await checkHealth(client);
    expect(tokenRequests).toBe(1);
  });

  test('that times out before the first token reports `starting`, and does not abort the request', async () => {
    let issue = () => {};
    respond = () => new Promise((resolve) => (issue = () => resolve(token())));
    expect(await checkHealth(client, { timeoutMs: 5 })).toMatchObject({ status: 'down', condition: 'starting' });
    // An abort would take effect.
    await new Promise(setImmediate);
    const second = checkHealth(client, { timeoutMs: 60_000 });
    while (tokenRequests === 0) await new Promise(setImmediate);
    issue();
    expect(await second).toMatchObject({ status: 'ok' });
    expect(tokenRequests).toBe(1);
  });

  test('of a client that gets no token reports why, and tries again each time', async () => {
    respond = refused;
    const health = await checkHealth(client);
    expect(health).toMatchObject({
      status: 'down',
      condition: 'failing',
      lastError: { code: 'token_request_refused' },
    });
    respond = () => token();
    expect(await checkHealth(client)).toMatchObject({ status: 'ok', condition: 'healthy' });
  });

  test('reports `degraded` when the held token is served but its refresh fails', async () => {
    await client.getToken();
    respond = refused;
    ahead = 260_000;
    await client.getToken();
    while (client.status().refreshing) await new Promise(setImmediate);
    expect(await checkHealth(client)).toMatchObject({ status: 'degraded', condition: 'degraded', state: 'stale' });
    expect(tokenRequests).toBe(2);
  });

  test('of an idle client, whose token has expired, makes no request', async () => {
    await client.getToken();
    ahead = 400_000;
    expect(await checkHealth(client)).toMatchObject({ status: 'ok', state: 'expired' });
    expect(tokenRequests).toBe(1);
  });

  test('of a client whose token has expired after a failed refresh fetches one', async () => {
    await client.getToken();
    respond = refused;
    ahead = 260_000;
    await client.getToken();
    while (client.status().refreshing) await new Promise(setImmediate);
    ahead = 400_000;
    expect(await checkHealth(client)).toMatchObject({ status: 'down', condition: 'failing', state: 'expired' });
    expect(tokenRequests).toBe(3);
  });

  test.each([{ timeoutMs: Number.NaN }, { timeoutMs: -1 }, { timeoutMs: '800' }, { timeout: 800 }, null])(
    'with %o throws a ConfigurationError that says what is wrong',
    async (options) => {
      await expect(checkHealth(client, options as never)).rejects.toThrow(/checkHealth: (timeoutMs|options) must/);
      expect(tokenRequests).toBe(0);
    },
  );

  test('of a closed client makes no request', async () => {
    await client.close();
    expect(await checkHealth(client)).toMatchObject({ status: 'down', condition: 'closed' });
    expect(tokenRequests).toBe(0);
  });
});

describe('a check of a client that serves calls', () => {
  const lastError = { code: 'token_endpoint_unavailable', message: 'unavailable' };

  test.each([
    { state: 'fresh', lastError: undefined },
    { state: 'stale', lastError },
    { state: 'expired', lastError: undefined },
  ])('requests no token in the state $state', async (status) => {
    const getToken = vi.fn();
    await checkHealth({ getToken, status: () => status } as never);
    expect(getToken).not.toHaveBeenCalled();
  });

  test('leaves no timer behind', async () => {
    vi.useFakeTimers();
    try {
      await checkHealth({ getToken: async () => {}, status: () => ({ state: 'missing' }) } as never);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
