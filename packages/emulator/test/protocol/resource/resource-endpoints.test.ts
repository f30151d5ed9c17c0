import { describe, expect, test } from 'vitest';
import type { Emulator, EmulatorSeed } from '../../../src/index.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { callResource, lastReason, obtainToken } from '../../wire/token-call.ts';

const start = useEmulators();
const json = { 'content-type': 'application/json' };

describe('/customers', () => {
  const create = async (emulator: Emulator, token: string, init: RequestInit): Promise<Response> =>
    callResource(emulator, '/customers', token, { method: 'POST', headers: json, ...init });

  test('lists a created customer once, as it was sent', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    await callResource(emulator, '/customers', token);
    const response = await create(emulator, token, { body: '{"name":"Zoë","tags":["a",{"b":null}]}' });
    expect(response.status).toBe(201);
    const created = await response.json();
    expect(created).toEqual({ id: expect.any(String), name: 'Zoë', tags: ['a', { b: null }] });
    const list = (await (await callResource(emulator, '/customers', token)).json()) as { customers: unknown[] };
    expect(list.customers).toHaveLength(4);
    expect(list.customers.at(-1)).toEqual(created);
    expect(await lastReason(emulator)).toBe('ok');
  });

  const refused: Record<string, [init: RequestInit, status: number]> = {
    'an empty body, as a drained stream leaves it': [{ body: '' }, 400],
    'no body': [{}, 400],
    'incomplete JSON': [{ body: '{"name":' }, 400],
    'a list': [{ body: '[]' }, 400],
    'no name': [{ body: '{}' }, 400],
    'an empty name': [{ body: '{"name":" "}' }, 400],
    'a name that is too long': [{ body: JSON.stringify({ name: 'x'.repeat(201) }) }, 400],
    'a name with a control character': [{ body: '{"name":"x\\u0000"}' }, 400],
    'a name with a lone surrogate': [{ body: '{"name":"x\\ud800"}' }, 400],
    'an id of its own': [{ body: '{"name":"x","id":"1"}' }, 400],
    'a realm of its own': [{ body: '{"name":"x","realm":"other"}' }, 400],
    'an id that is null': [{ body: '{"name":"x","id":null}' }, 400],
    'bytes that are not UTF-8': [{ body: Buffer.from([0xff]) }, 400],
    'another media type': [{ body: '{"name":"x"}', headers: { 'content-type': 'text/plain' } }, 415],
    'a body beyond 1 MiB': [{ body: JSON.stringify({ name: 'x', y: 'z'.repeat(1_048_576) }) }, 413],
  };
  test.each(Object.entries(refused))('%s: rejected, and nothing is stored', async (_title, [init, status]) => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const response = await create(emulator, token, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(await lastReason(emulator)).toBe('invalid_request');
    const list = (await (await callResource(emulator, '/customers', token)).json()) as { customers: unknown[] };
    expect(list.customers).toHaveLength(3);
  });

  test.each([
    ['{"name":""}', 'customer.name: must not be empty or only whitespace'],
    ['{"name":"x","id":"1"}', 'customer.id: is chosen by the server; leave it out'],
    ['{"name":"x","realm":"other"}', 'customer.realm: is the realm of the access token; leave it out'],
    [
      `{"name":"x","nested":${'['.repeat(100)}${']'.repeat(100)}}`,
      'customer: must contain only values that JSON can represent, in at most 100 levels',
    ],
    [
      `{"name":"x","nested":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      'customer: must contain only values that JSON can represent, in at most 100 levels',
    ],
  ])('%.40s is refused with a description of the problem', async (body, problem) => {
    const emulator = await start();
    const response = await create(emulator, await obtainToken(emulator), { body });
    expect(await response.json()).toEqual({ error: 'invalid_request', error_description: problem });
  });

  test('a created customer can be exported, and loaded as a seed', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const nested = '['.repeat(99) + ']'.repeat(99);
    const body = `{"name":"Zoë","__proto__":{"a":1},"constructor":{"b":null},"notes":"\\u0000\\ud800","nested":${nested}}`;
    const created = await (await create(emulator, token, { body })).json();
    expect(created).toEqual({ id: expect.any(String), name: 'Zoë', notes: '\0\ud800', nested: expect.any(Array) });
    const init = { method: 'POST', headers: json, body: '{}' };
    const seed = (await (await fetch(`${emulator.url}/_emulator/seed/export`, init)).json()) as EmulatorSeed;
    const loaded = await start({ seed });
    const list = await callResource(loaded, '/customers', await obtainToken(loaded));
    expect(((await list.json()) as { customers: unknown[] }).customers.at(-1)).toEqual(created);
  });

  test('each realm has its own customers', async () => {
    const emulator = await start();
    const other = await emulator.credentials.create({ roles: ['reader'], realm: 'other' });
    const token = await obtainToken(emulator, { ...other, realm: 'other' });
    expect(await (await callResource(emulator, '/customers', token)).json()).toEqual({ customers: [] });
  });
});

describe('methods', () => {
  test('HEAD is GET without the body', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const get = await callResource(emulator, '/customers', token);
    const head = await callResource(emulator, '/customers', token, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(await head.text()).toBe('');
    expect(await emulator.requests.count({ endpoint: 'HEAD /customers' })).toBe(1);
  });

  test.each([
    ['/customers', 'GET, HEAD, POST'],
    ['/some-resource', 'GET, HEAD'],
  ])('another method of %s is a 405 with the allowed methods', async (path, allow) => {
    const emulator = await start();
    const response = await callResource(emulator, path, undefined, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await lastReason(emulator)).toBe('method_not_allowed');
  });
});
