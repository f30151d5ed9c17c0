import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createInstellixClient } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client whose endpoint issues tokens, and does not respond any more once `hangs` is set. */
function createClient() {
  const endpoint = { hangs: false, requests: 0 };
  const client = createInstellixClient({
    environment: { apiUrl: 'https://api.test' },
    realm: 'acme',
    clientId: 'id',
    clientSecret: 'secret',
    fetch: async () => {
      endpoint.requests++;
      if (endpoint.hangs) return new Promise<Response>(() => {});
      const token = { access_token: `token-${endpoint.requests}`, token_type: 'bearer', expires_in: 300 };
      return new Response(JSON.stringify(token));
    },
  });
  return { client, endpoint };
}

describe('a caller that waits under fake timers', () => {
  test('leaves vi.runAllTimers no endless loop', async () => {
    const { client, endpoint } = createClient();
    endpoint.hangs = true;
    const call = client.getToken().catch((error: { code: string }) => error.code);
    await vi.advanceTimersByTimeAsync(10);
    vi.runAllTimers();
    await vi.runAllTimersAsync();
    expect(await call).toMatch(/^token_request_/);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gets its token when the fake time has passed the gate', async () => {
    const { client } = createClient();
    const rejected = await client.getToken();
    const call = client.getToken({ rejected });
    await vi.runAllTimersAsync();
    expect((await call).value).toBe('token-2');
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
