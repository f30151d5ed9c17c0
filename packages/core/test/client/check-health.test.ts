import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkHealth, createInstellixClient, type InstellixClient } from '../../src/index.ts';

let client: InstellixClient;
let tokenRequests = 0;
/** How far this client's clock is ahead of the real one, in milliseconds. */
let ahead = 0;
/** What the token endpoint answers; it may take its time. */
let answer: () => Response | Promise<Response>;

const token = (expires_in = 300) =>
  Response.json({ access_token: `token-${tokenRequests}`, token_type: 'bearer', expires_in });
const refused = () => Response.json({ error: 'invalid_scope' }, { status: 400 });

beforeEach(() => {
  tokenRequests = 0;
  ahead = 0;
  answer = () => token();
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
      return answer();
    },
  });
});

afterEach(() => client.close());

describe('a check', () => {
  test('of a cold client obtains the token, once for all checks, and none after that', async () => {
    const checks = await Promise.all(Array.from({ length: 20 }, () => checkHealth(client)));
    for (const health of checks) expect(health).toMatchObject({ status: 'ok', condition: 'healthy', state: 'fresh' });
    await checkHealth(client);
    expect(tokenRequests).toBe(1);
  });

  test('that ends while the first token is awaited says so, and leaves the request alone', async () => {
    let issue = () => {};
    answer = () => new Promise((resolve) => (issue = () => resolve(token())));
    expect(await checkHealth(client, { timeoutMs: 5 })).toMatchObject({ status: 'down', condition: 'starting' });
    const second = checkHealth(client, { timeoutMs: 60_000 });
    while (tokenRequests === 0) await new Promise(setImmediate);
    issue();
    expect(await second).toMatchObject({ status: 'ok' });
    expect(tokenRequests).toBe(1);
  });

  test('of a client that gets no token says why, and looks again each time', async () => {
    answer = refused;
    const health = await checkHealth(client);
    expect(health).toMatchObject({
      status: 'down',
      condition: 'failing',
      lastError: { code: 'token_request_refused' },
    });
    answer = () => token();
    expect(await checkHealth(client)).toMatchObject({ status: 'ok', condition: 'healthy' });
  });

  test('tells that a token is served although its refresh fails', async () => {
    await client.getToken();
    answer = refused;
    ahead = 260_000;
    await client.getToken();
    while (client.status().refreshing) await new Promise(setImmediate);
    expect(await checkHealth(client)).toMatchObject({ status: 'degraded', condition: 'degraded', state: 'aging' });
    expect(tokenRequests).toBe(2);
  });

  test('of an idle client, whose token has ended in peace, costs no request', async () => {
    await client.getToken();
    ahead = 400_000;
    expect(await checkHealth(client)).toMatchObject({ status: 'ok', state: 'spent' });
    expect(tokenRequests).toBe(1);
  });

  test('of a client whose token has ended after a failed refresh tries to get one', async () => {
    await client.getToken();
    answer = refused;
    ahead = 260_000;
    await client.getToken();
    while (client.status().refreshing) await new Promise(setImmediate);
    ahead = 400_000;
    expect(await checkHealth(client)).toMatchObject({ status: 'down', condition: 'failing', state: 'spent' });
    expect(tokenRequests).toBe(3);
  });

  test.each([{ timeoutMs: Number.NaN }, { timeoutMs: -1 }, { timeoutMs: '800' }, { timeout: 800 }, null])(
    'with %o says what is wrong with it, and does not call a client down',
    async (options) => {
      await expect(checkHealth(client, options as never)).rejects.toThrow(/checkHealth: (timeoutMs|options) must/);
      expect(tokenRequests).toBe(0);
    },
  );

  test('of a closed client asks nobody', async () => {
    await client.close();
    expect(await checkHealth(client)).toMatchObject({ status: 'down', condition: 'closed' });
    expect(tokenRequests).toBe(0);
  });
});
