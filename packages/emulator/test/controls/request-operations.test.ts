import { describe, expect, test } from 'vitest';
import { START, ways } from '../wire/emulators.ts';
import { callResource, callToken, obtainToken } from '../wire/token-call.ts';

describe.each(ways)('%s', (_way, use) => {
  const start = use();

  test('each request is one entry with all fields', async () => {
    const emulator = await start();
    await callResource(emulator, '/customers?page=2', await obtainToken(emulator));
    const at = Date.parse(START);
    const requester = { realm: 'local', clientId: emulator.clientId };
    expect(await emulator.requests.list()).toEqual([
      { at, endpoint: 'token', method: 'POST', status: 200, reason: 'issued', ...requester },
      { at, endpoint: 'GET /customers', method: 'GET', status: 200, reason: 'ok', ...requester },
    ]);
  });

  test('filters select by every field and by time', async () => {
    const emulator = await start();
    await callToken(emulator);
    await emulator.clock.advance(1_000);
    await callToken(emulator);
    await callResource(emulator, '/customers');
    const { requests } = emulator;
    const { clientId, realm } = emulator;
    expect(await requests.count()).toBe(3);
    expect(await requests.count({})).toBe(3);
    expect(await requests.count({ endpoint: 'token' })).toBe(2);
    expect(await requests.count({ method: 'GET' })).toBe(1);
    expect(await requests.count({ status: 401 })).toBe(2);
    expect(await requests.count({ reason: 'throttled' })).toBe(1);
    expect(await requests.count({ realm })).toBe(2);
    expect(await requests.count({ clientId, status: 200 })).toBe(1);
    expect(await requests.count({ since: await emulator.clock.now() })).toBe(2);
    expect(await requests.count({ since: (await emulator.clock.now()).getTime() + 1 })).toBe(0);
  });

  test('waitFor waits for later requests', async () => {
    const emulator = await start();
    const wait = emulator.requests.waitFor({ endpoint: 'token' }, { count: 2 });
    await callToken(emulator);
    await callToken(emulator);
    expect((await wait).map(({ reason }) => reason)).toEqual(['issued', 'throttled']);
  });

  describe('invalid arguments', () => {
    const filters: [filter: unknown, message: RegExp][] = [
      [null, /^requests\.list: must be an object/],
      ['token', /^requests\.list: must be an object/],
      [
        { path: '/x' },
        /has an unknown field "path"; known fields are endpoint, method, status, reason, realm, clientId, since/,
      ],
      [{ endpoint: '' }, /^requests\.list: endpoint: must not be empty/],
      [{ clientId: 1 }, /^requests\.list: clientId: /],
      [{ status: '401' }, /^requests\.list: status: must be an HTTP status/],
      [{ status: Number.NaN }, /^requests\.list: status: /],
      [{ reason: 'denied' }, /^requests\.list: reason: must be one of issued, ok, /],
      [{ since: 'yesterday' }, /^requests\.list: since: must be a Date, an ISO 8601 date/],
      [{ since: new Date(Number.NaN) }, /^requests\.list: since: /],
    ];
    test.each(filters)('filter %j', async (filter, message) => {
      const emulator = await start();
      await expect(emulator.requests.list(filter as object)).rejects.toThrow(message);
    });

    const waits: [parameters: unknown[], message: RegExp][] = [
      [[], /^requests\.waitFor: filter: must be an object/],
      [[{}, { count: 0 }], /^requests\.waitFor: count: must be a whole number from 1/],
      [[{}, { timeoutMs: -1 }], /^requests\.waitFor: timeoutMs: must be a whole number from 0/],
      [[{}, { timeout: 1 }], /has an unknown field "timeout"; known fields are filter, count, timeoutMs/],
    ];
    test.each(waits)('waitFor %j', async (parameters, message) => {
      const emulator = await start();
      const waitFor = emulator.requests.waitFor as (...parameters: unknown[]) => Promise<unknown>;
      await expect(waitFor(...parameters)).rejects.toThrow(message);
    });
  });

  test('follow returns every request once, also after a reset', async () => {
    const emulator = await start();
    await callResource(emulator, '/customers');
    const first = await emulator.requests.follow({ after: 0 });
    expect(first.entries).toHaveLength(1);
    const wait = emulator.requests.follow({ after: first.next });
    await callResource(emulator, '/some-resource');
    const second = await wait;
    expect(second.entries).toMatchObject([{ endpoint: 'GET /some-resource' }]);
    await emulator.reset();
    await callResource(emulator, '/customers');
    expect((await emulator.requests.follow({ after: second.next })).entries).toHaveLength(1);
  });

  test('follow returns an empty list after timeoutMs', async () => {
    const emulator = await start();
    await callResource(emulator, '/customers');
    expect(await emulator.requests.follow({ timeoutMs: 1 })).toEqual({ entries: [], next: 1 });
    await expect(emulator.requests.follow({ after: -1 })).rejects.toThrow(/after: must be a whole number/);
  });
});
