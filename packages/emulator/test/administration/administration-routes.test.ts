import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/index.ts';
import { START, useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { obtainToken } from '../wire/token-call.ts';

const start = useEmulators();
const json = { 'content-type': 'application/json' };
const post = (emulator: Emulator, verb: string, body = '{}', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${emulator.url}/_emulator/${verb}`, { method: 'POST', body, headers: { ...json, ...headers } });

/** Sends headers that fetch does not allow, and returns the status. */
async function statusOf(emulator: Emulator, headers: readonly string[], verb = 'clock/now'): Promise<string> {
  const head = [`POST /_emulator/${verb} HTTP/1.0`, 'Content-Type: application/json', 'Content-Length: 2', ...headers];
  return (await sendRaw(emulator.url, head, '{}', { host: false })).statusLine.slice(9, 12);
}

test('controls the emulator over plain HTTP: one JSON object in, one out', async () => {
  const emulator = await start();
  const created = await post(emulator, 'credentials/create', '{"roles":["reader"],"clientId":"billing"}');
  expect(created.status).toBe(200);
  expect(created.headers.get('content-type')).toBe('application/json');
  expect(created.headers.get('cache-control')).toBe('no-store');
  const { clientId, clientSecret } = (await created.json()) as { clientId: string; clientSecret: string };
  expect(clientId).toBe('billing');
  await obtainToken(emulator, { clientId, clientSecret });
  expect(await (await post(emulator, 'clock/advance', '{"ms":1000}')).json()).toEqual({
    now: Date.parse(START) + 1000,
  });
  expect(await (await post(emulator, 'requests/count', '{"clientId":"billing"}')).json()).toEqual({ count: 1 });
  expect(await (await post(emulator, 'reset')).json()).toEqual({});
  expect(await (await post(emulator, 'requests/count')).json()).toEqual({ count: 0 });
});

test('ready responds with 200 after seeding, and leaves no entry in the request log', async () => {
  const seed = { credentials: [{ clientId: 'one', clientSecret: 's', roles: ['reader'] as const }] };
  const emulator = await start({ seed });
  const response = await fetch(`${emulator.url}/_emulator/ready`);
  expect([response.status, await response.json()]).toEqual([200, { ready: true }]);
  expect(await emulator.requests.count()).toBe(0);
});

test('describe returns URLs with the host of the request', async () => {
  const emulator = await start();
  const url = emulator.url.replace('127.0.0.1', 'localhost');
  const response = await fetch(`${url}/_emulator/describe`, { method: 'POST', body: '{}', headers: json });
  expect(await response.json()).toMatchObject({
    url,
    clientSecret: emulator.clientSecret,
    env: { INSTELLIX_API_URL: url, INSTELLIX_CLIENT_SECRET: emulator.clientSecret },
    portal: { url: `${url}/portal`, username: 'admin' },
  });
});

test('emulator.fetch reaches the same administration', async () => {
  const emulator = await start({ adminToken: 'correct-horse-battery' });
  const readClock = (headers: Record<string, string>): Promise<Response> =>
    emulator.fetch(new Request('http://x/_emulator/clock/now', { method: 'POST', body: '{}', headers }));
  expect((await readClock({ ...json, authorization: 'Bearer correct-horse-battery' })).status).toBe(200);
  expect((await readClock(json)).status).toBe(401);
});

describe('access', () => {
  test('rejects a foreign Host header (DNS rebinding)', async () => {
    const emulator = await start({ hostNames: ['Emulator.test'] });
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.', '']) {
      expect(await statusOf(emulator, [`Host: ${host}`]), host).toBe('421');
    }
    expect(await statusOf(emulator, []), 'no Host at all').toBe('421');
    for (const host of ['127.0.0.1:1', 'localhost', 'LOCALHOST:80', '[::1]:4010', 'emulator.test:4010']) {
      expect(await statusOf(emulator, [`Host: ${host}`]), host).toBe('200');
    }
  });

  test.each([
    'Origin: https://evil.example',
    'Origin: null',
    'Origin: http://localhost:1',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
  ])('rejects a page of another origin: %s', async (header) => {
    const emulator = await start();
    const host = `Host: ${new URL(emulator.url).host}`;
    expect(await statusOf(emulator, [host, header], 'credentials/list')).toBe('403');
    expect(await statusOf(emulator, [host, `Origin: ${emulator.url}`, 'Sec-Fetch-Site: same-origin'])).toBe('200');
  });

  test('sends no CORS header', async () => {
    const emulator = await start();
    const preflight = await fetch(`${emulator.url}/_emulator/describe`, { method: 'OPTIONS', headers: json });
    expect(preflight.status).toBe(405);
    for (const [name] of preflight.headers) expect(name).not.toMatch(/^access-control/);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '', 'json'])(
    'rejects a content type that an HTML form can send: %j',
    async (type) => {
      const emulator = await start();
      expect((await post(emulator, 'reset', '{}', { 'content-type': type })).status).toBe(415);
    },
  );

  test('requires the adminToken', async () => {
    const emulator = await start({ adminToken: 'correct-horse-battery' });
    for (const headers of [
      {},
      { authorization: 'Bearer correct-horse-batterx' },
      { authorization: 'Basic correct-horse-battery' },
      { authorization: 'Bearer' },
    ]) {
      const response = await post(emulator, 'describe', '{}', headers);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
    const right = { authorization: 'Bearer correct-horse-battery' };
    expect((await post(emulator, 'describe', '{}', right)).status).toBe(200);
  });
});

describe('invalid requests get a clear JSON error without a stack', () => {
  const mistakes: [title: string, verb: string, body: string, status: number, message: RegExp][] = [
    ['unknown verb', 'credentials/destroy', '{}', 404, /openapi\.json lists all paths/],
    ['no verb', '', '{}', 404, /does not exist/],
    ['a member of Object', 'constructor', '{}', 404, /does not exist/],
    ['no JSON', 'reset', '{', 400, /^the body is not valid JSON$/],
    ['no body', 'reset', '', 400, /^the body is not valid JSON$/],
    ['no object', 'reset', '[]', 400, /must be a JSON object/],
    ['no UTF-8', 'reset', '"\ud800"', 400, /must be a JSON object|not JSON/],
    ['an unknown field', 'reset', '{"hard":true}', 400, /^reset: has an unknown field "hard"/],
    [
      'a wrong value',
      'credentials/create',
      '{"roles":[]}',
      400,
      /^credentials\.create: roles: must have at least one role/,
    ],
    ['a wrong client', 'credentials/rotate', '{"clientId":"x","overlapMs":0}', 400, /no credential has this client id/],
    ['a negative advance', 'clock/advance', '{"ms":-1}', 400, /cannot be moved back/],
    ['a polluting field', 'reset', '{"__proto__":{"x":1}}', 400, /unknown field "__proto__"/],
    ['a wait in vain', 'requests/waitFor', '{"filter":{},"timeoutMs":1}', 408, /0 of 1 matching requests/],
    [
      'an absurd wait',
      'requests/waitFor',
      '{"filter":{},"timeoutMs":"1"}',
      400,
      /^requests\.waitFor: timeoutMs: must be a whole number/,
    ],
    ['too much', 'reset', JSON.stringify({ x: 'y'.repeat(1_048_576) }), 413, /^the body is too large$/],
  ];
  test.each(mistakes)('%s', async (_title, verb, body, status, message) => {
    const response = await post(await start(), verb, body);
    const problem = (await response.json()) as { error: string; error_description: string };
    expect([response.status, Object.keys(problem)]).toEqual([status, ['error', 'error_description']]);
    expect(problem.error_description).toMatch(message);
    expect(JSON.stringify(problem)).not.toMatch(/\n|\.ts:|node:/);
  });

  test('responds to another method with 405 and the allowed one', async () => {
    const emulator = await start();
    const response = await fetch(`${emulator.url}/_emulator/reset`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    const ready = await fetch(`${emulator.url}/_emulator/ready`, { method: 'POST' });
    expect([ready.status, ready.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('closing the emulator ends a wait', async () => {
    const emulator = await start();
    const wait = post(emulator, 'requests/waitFor', '{"filter":{"endpoint":"token"}}').then(
      (response) => response.status,
      () => 'ended',
    );
    await post(emulator, 'clock/now');
    await emulator.close();
    expect([503, 'ended']).toContain(await wait);
  });
});
