import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Emulator, Fault, Reason, RequestFilter } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callResource, callToken, obtainToken, tokenRequest } from '../wire/token-call.ts';

// Spies on the real function.
vi.mock('node:timers/promises', { spy: true });

const start = useEmulators();

/** The code of the cause of a failed fetch. */
async function failure(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code;
}

async function statuses(emulator: Emulator, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let call = 0; call < count; call += 1) found.push((await callResource(emulator, '/customers')).status);
  return found;
}

describe('which requests a fault hits', () => {
  const respond = { status: 503 };
  const cases: [title: string, fault: Omit<Fault, 'on'>, expected: number[]][] = [
    ['every one', { respond }, [503, 503, 503, 503]],
    ['the first two', { respond, times: 2 }, [503, 503, 401, 401]],
    ['the second', { respond, nth: 2 }, [401, 503, 401, 401]],
    ['two from the second on', { respond, nth: 2, times: 2 }, [401, 503, 503, 401]],
  ];
  test.each(cases)('%s', async (_title, fault, expected) => {
    const emulator = await start();
    await callResource(emulator, '/customers');
    const handle = await emulator.faults.add({ on: 'GET /customers', ...fault });
    expect(await statuses(emulator, 4)).toEqual(expected);
    expect(handle.hits).toBe(expected.filter((status) => status === 503).length);
  });

  test('the oldest fault applies first, then the next one', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'GET /customers', times: 1, respond: { status: 500 } });
    const second = await emulator.faults.add({ on: 'GET /customers', respond: { status: 502 } });
    await emulator.faults.add({ on: 'GET /customers', respond: { status: 504 } });
    expect(await statuses(emulator, 2)).toEqual([500, 502]);
    await second.remove();
    await second.remove();
    expect(await statuses(emulator, 1)).toEqual([504]);
  });

  test('clientId selects requests of one client, at the token endpoint and at resources', async () => {
    const emulator = await start();
    const other = await emulator.credentials.create({ roles: ['reader'] });
    const token = await obtainToken(emulator);
    const otherToken = await obtainToken(emulator, other);
    await emulator.clock.advance(5_000);
    await emulator.faults.add({ on: 'token', clientId: other.clientId, respond });
    await emulator.faults.add({ on: 'GET /customers', clientId: other.clientId, respond });
    expect((await callToken(emulator)).status).toBe(200);
    expect((await callToken(emulator, other)).status).toBe(503);
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    expect((await callResource(emulator, '/customers', otherToken)).status).toBe(503);
    expect(await emulator.requests.list({ reason: 'fault' })).toMatchObject([
      { endpoint: 'token', realm: 'local', clientId: other.clientId },
      { endpoint: 'GET /customers', realm: 'local', clientId: other.clientId },
    ]);
  });

  test('method and path must match exactly, the query is ignored', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'POST /customers', respond });
    await emulator.faults.add({ on: 'GET /customer', respond });
    await emulator.faults.add({ on: 'GET /some-resource', respond });
    expect((await callResource(emulator, '/customers')).status).toBe(401);
    expect((await callResource(emulator, '/some-resource?x=1')).status).toBe(503);
  });

  test('the token endpoint can be named by method and path', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'POST /local/oauth2/token', respond });
    expect((await callToken(emulator, { realm: 'elsewhere' })).status).toBe(401);
    expect((await callToken(emulator)).status).toBe(503);
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
  });

  test('a path need not exist', async () => {
    const emulator = await start();
    const on = 'GET /v1/Orders/4711';
    await emulator.faults.add({ on, respond: { status: 200, body: '{"orders":[]}' } });
    const response = await callResource(emulator, '/v1/Orders/4711?page=2');
    expect(await response.json()).toEqual({ orders: [] });
    expect(await emulator.requests.list()).toMatchObject([{ endpoint: on, reason: 'fault', status: 200 }]);
  });
});

describe('what a fault does', () => {
  test('respond: sends exactly this response, and the request has no effect', async () => {
    const emulator = await start();
    const headers = { 'Retry-After': '7', 'content-type': 'text/html' };
    await emulator.faults.add({ on: 'token', times: 1, respond: { status: 429, headers, body: '<p>' } });
    const response = await callToken(emulator);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toBe('<p>');
    expect((await callToken(emulator)).status, 'the throttle has not begun').toBe(200);
  });

  test.each([
    ['{"a":1}', 'application/json'],
    ['down', 'text/plain; charset=utf-8'],
  ])('respond: chooses the content type of the body %s', async (body, type) => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', respond: { status: 500, body } });
    expect((await callToken(emulator)).headers.get('content-type')).toBe(type);
  });

  test('respond: allows a wrong length, and a status without a body', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', times: 1, respond: { status: 204 } });
    expect((await callToken(emulator)).status).toBe(204);
    await emulator.faults.add({
      on: 'GET /customers',
      respond: { status: 200, headers: { 'content-length': '9' }, body: 'abc' },
    });
    const response = await sendRaw(emulator.url, ['GET /customers HTTP/1.1']);
    expect(response.headers).toContain('content-length: 9');
    expect(response.body).toBe('abc');
  });

  test('delayMs: handles the request first, then delays the response', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', delayMs: 40, times: 1 });
    const first = callToken(emulator);
    await emulator.requests.waitFor({ reason: 'issued' });
    let isSettled = false;
    void first.then(() => {
      isSettled = true;
    });
    expect((await callToken(emulator)).status, 'the delayed request counts').toBe(401);
    expect(isSettled).toBe(false);
    expect((await first).status).toBe(200);
  });

  test('reset: sends no response, and the request has no effect', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'reset', times: 1 });
    expect(await failure(callToken(emulator))).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(await emulator.requests.list()).toMatchObject([{ endpoint: 'token', status: 0, reason: 'fault' }]);
    expect((await callToken(emulator)).status).toBe(200);
  });

  test.each<[string, fault: Fault, requests: RequestFilter]>([
    ['hang', { on: 'token', socket: 'hang' }, { reason: 'fault', status: 0 }],
    ['delayMs', { on: 'token', delayMs: 60_000 }, { reason: 'issued' }],
  ])('%s: stops waiting when the client disconnects', async (_, fault, requests) => {
    const emulator = await start();
    await emulator.faults.add(fault);
    const controller = new AbortController();
    const call = fetch(tokenRequest(emulator), { signal: controller.signal });
    await emulator.requests.waitFor({ endpoint: 'token', ...requests });
    const wait = vi.mocked(sleep).mock.results.at(-1)?.value;
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(wait).rejects.toThrow('aborted');
  });

  test('truncate: sends half of the response, and the token is issued', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'truncate', times: 1 });
    const response = await callToken(emulator);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await emulator.requests.list()).toMatchObject([{ status: 200, reason: 'fault' }]);
    expect((await callToken(emulator)).status, 'throttled').toBe(401);
  });

  test('truncate: works with respond, with and without a body', async () => {
    const emulator = await start();
    await emulator.faults.add({
      on: 'token',
      socket: 'truncate',
      times: 1,
      respond: { status: 200, body: '{"access_token":"x"}' },
    });
    await emulator.faults.add({ on: 'token', socket: 'truncate', times: 1, respond: { status: 500 } });
    await expect((await callToken(emulator)).text()).rejects.toThrow('terminated');
    await expect((await callToken(emulator)).text()).rejects.toThrow('terminated');
  });
});

describe('in memory', () => {
  const inMemory = (emulator: Emulator, signal?: AbortSignal): Promise<Response> =>
    emulator.fetch(new Request(tokenRequest(emulator), signal === undefined ? {} : { signal }));

  test('reset: fetch rejects with the code ECONNRESET', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'reset' });
    expect(await failure(inMemory(emulator))).toBe('ECONNRESET');
  });

  test.each<[string, fault: Fault, reason: Reason]>([
    ['hang', { on: 'token', socket: 'hang' }, 'fault'],
    ['delayMs', { on: 'token', delayMs: 60_000 }, 'issued'],
  ])('%s: an abort rejects with the reason of the signal', async (_, fault, reason) => {
    const emulator = await start();
    await emulator.faults.add(fault);
    const controller = new AbortController();
    const call = inMemory(emulator, controller.signal);
    await emulator.requests.waitFor({ reason });
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  test('truncate: the body fails', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'truncate' });
    const response = await inMemory(emulator);
    expect(response.status).toBe(200);
    expect(await failure(response.text())).toBe('ECONNRESET');
  });

  test('closing rejects hanging and delayed requests', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'hang', times: 1 });
    await emulator.faults.add({ on: 'token', delayMs: 60_000 });
    const calls = [failure(inMemory(emulator)), failure(inMemory(emulator))];
    await emulator.requests.waitFor({ endpoint: 'token' }, { count: 2 });
    await emulator.close();
    expect(await Promise.all(calls)).toEqual(['ECONNRESET', 'ECONNRESET']);
  });
});
