import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const entry = new URL('../../src/index.ts', import.meta.url).href;
/** Much longer than a script needs, and much shorter than the timers that it starts. */
const timeoutMs = 25_000;

/** A client whose endpoint issues numbered tokens, unless a script replaces `respond`. */
const preamble = `
  import { createInstellixClient } from ${JSON.stringify(entry)};
  let requests = 0;
  globalThis.respond = () => undefined;
  const body = () => JSON.stringify({ access_token: 'token-' + requests, token_type: 'bearer', expires_in: 86400 });
  const create = (options) => createInstellixClient({
    environment: { apiUrl: 'https://api.test' }, realm: 'acme', clientId: 'id', clientSecret: 'secret',
    fetch: async () => { requests++; return globalThis.respond() ?? new Response(body()); },
    ...options,
  });
`;

/** Runs a script in a process of its own; rejects when it fails or has to be ended. */
async function run(script: string): Promise<string> {
  const args = ['--no-warnings', '--input-type=module', '--eval', preamble + script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: timeoutMs });
  return stdout.trim();
}

describe('a process with nothing else to do', { timeout: 2 * timeoutMs }, () => {
  test('ends while a client that was not closed holds a token', async () => {
    expect(await run(`console.log((await create().getToken()).value);`)).toBe('token-1');
  });

  test('ends while a background refresh waits for its next attempt', async () => {
    const output = await run(`
      const client = create({ refresh: { atFraction: 1e-9, jitterFraction: 0 }, tokenRequest: { minIntervalMs: 0 } });
      const { value } = await client.getToken();
      globalThis.respond = () => new Response('', { status: 503, headers: { 'retry-after': '240' } });
      client.peekToken();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { state, refreshing, lastError } = client.status();
      console.log(value, requests, state, refreshing, lastError.code);
    `);
    expect(output).toBe('token-1 2 stale true token_endpoint_unavailable');
  });

  test('ends while a background refresh waits for a response', async () => {
    const output = await run(`
      const client = create({
        refresh: { atFraction: 1e-9, jitterFraction: 0 },
        tokenRequest: { minIntervalMs: 0, timeoutMs: 240_000, maxWaitMs: 240_000 },
      });
      await client.getToken();
      globalThis.respond = () => new Promise(() => {});
      client.peekToken();
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log(requests, client.status().refreshing);
    `);
    expect(output).toBe('2 true');
  });

  test('does not end while a caller waits for the gate', async () => {
    const output = await run(`
      const client = create({ tokenRequest: { minIntervalMs: 1_000 } });
      const rejected = await client.getToken();
      console.log(rejected.value, (await client.getToken({ rejected })).value);
    `);
    expect(output).toBe('token-1 token-2');
  });

  test('does not end while a caller waits for the token of another client', async () => {
    const output = await run(`
      const { memoryTokenStore } = await import(${JSON.stringify(entry)});
      const store = memoryTokenStore();
      globalThis.respond = () => new Promise((resolve) => setTimeout(() => resolve(new Response(body())), 700).unref());
      const [first, second] = await Promise.all([create({ store }).getToken(), create({ store }).getToken()]);
      console.log(first.value, second.value, requests);
    `);
    expect(output).toBe('token-1 token-1 1');
  });

  test('ends when the last caller has aborted', async () => {
    const output = await run(`
      const client = create({ tokenRequest: { minIntervalMs: 240_000, maxWaitMs: 300_000 } });
      const rejected = await client.getToken();
      const signal = AbortSignal.timeout(100);
      const keepAlive = setTimeout(() => {}, 200);
      await client.getToken({ rejected, signal }).catch((reason) => console.log(reason.name));
    `);
    expect(output).toBe('TimeoutError');
  });

  test('ends when the client is closed while a caller waits', async () => {
    const output = await run(`
      const client = create({ tokenRequest: { minIntervalMs: 240_000, maxWaitMs: 300_000 } });
      const rejected = await client.getToken();
      const waiting = client.getToken({ rejected }).catch((error) => error.code);
      await client.close();
      console.log(await waiting);
    `);
    expect(output).toBe('client_closed');
  });

  test('does not end in the middle of close() when a store does not respond', async () => {
    const output = await run(`
      const { memoryTokenStore } = await import(${JSON.stringify(entry)});
      const store = { ...memoryTokenStore(), commit: () => new Promise(() => {}) };
      const client = create({ store });
      await client.getToken();
      await client.close();
      console.log('closed');
    `);
    expect(output).toBe('closed');
  });
});
