import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callResource, callToken, lastReason, obtainToken, tokenRequest } from '../wire/token-call.ts';

const start = useEmulators();
const { Request: PlatformRequest, Response: PlatformResponse } = globalThis;

describe('what a client needs', () => {
  test('is in env: base URL, realm and credential; no token URL, so that a wrong realm shows', async () => {
    const emulator = await start();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(emulator.env).toEqual({
      INSTELLIX_API_URL: emulator.url,
      INSTELLIX_REALM: emulator.realm,
      INSTELLIX_CLIENT_ID: emulator.clientId,
      INSTELLIX_CLIENT_SECRET: emulator.clientSecret,
    });
    expect((await callToken(emulator)).status).toBe(200);
  });

  test.each([{ throttleWindowMs: 0 }, { profile: 'rfc' }] as const)(
    'without the throttle, env lets clients ask again at once: %j',
    async (options) => {
      expect((await start(options)).env['INSTELLIX_MIN_INTERVAL_MS']).toBe('0');
    },
  );

  test('GET / leads to the portal', async () => {
    const { url } = await start();
    const root = await fetch(url, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([303, '/portal']);
    expect((await fetch(url)).url).toBe(`${url}/portal/sign-in`);
  });

  test('the first portal account is known, and its portal answers', async () => {
    const emulator = await start();
    expect(emulator.portal).toEqual({
      url: `${emulator.url}/portal`,
      username: 'admin',
      password: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect((await fetch(emulator.portal.url)).url).toBe(`${emulator.url}/portal/sign-in`);
  });
});

describe('in memory', () => {
  test('the same app answers, with the same state, whatever the host', async () => {
    const emulator = await start();
    const answer = await emulator.fetch(tokenRequest(emulator));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    const headers = { authorization: `Bearer ${token}` };
    const elsewhere = await emulator.fetch(new Request('https://api.instellix.io/customers', { headers }));
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.headers.get('content-length')).toBe(String((await elsewhere.text()).length));
    expect(await emulator.requests.count()).toBe(3);
  });

  test('HEAD, a method that does not exist and a body that breaks off are answered as over a socket', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${emulator.url}/customers`;
    const head = await emulator.fetch(new Request(url, { method: 'HEAD', headers }));
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await emulator.fetch(new Request(url, { method: 'EXPLODE' }))).status).toBe(405);
    expect(await emulator.requests.count({ method: 'UNKNOWN', reason: 'method_not_allowed' })).toBe(1);
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    const broken = await emulator.fetch(
      new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
    );
    expect(broken.status).toBe(400);
    expect(await lastReason(emulator)).toBe('invalid_request');
  });

  test('a length that a header only claims does not let a large body through', async () => {
    const emulator = await start();
    const headers = { 'content-length': '10', 'content-type': 'application/x-www-form-urlencoded' };
    const request = tokenRequest(emulator, { headers, body: 'x'.repeat(70_000) });
    expect((await emulator.fetch(request)).status).toBe(413);
  });

  test('an aborted request is not carried out', async () => {
    const emulator = await start();
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(emulator.fetch(new Request(tokenRequest(emulator), { signal }))).rejects.toThrow('never mind');
    expect(await emulator.requests.count()).toBe(0);
  });

  test('what is no Request is an error that says how to make one', async () => {
    const emulator = await start();
    await expect(emulator.fetch(emulator.url as never)).rejects.toThrow(
      /^fetch: request: must be a Request; new Request/,
    );
  });
});

describe('side by side', () => {
  test('emulators of several test workers do not know of each other', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(first.url).not.toBe(second.url);
    expect(first.clientSecret).not.toBe(second.clientSecret);
    const token = await obtainToken(first);
    expect((await callResource(second, '/customers', token)).status).toBe(401);
    expect(await second.requests.count({ reason: 'unknown_token' })).toBe(1);
    expect(await first.requests.count()).toBe(1);
  });

  test('the platform’s own Request and Response stay what they are', async () => {
    await start();
    expect(globalThis.Request).toBe(PlatformRequest);
    expect(globalThis.Response).toBe(PlatformResponse);
  });
});

describe('close', () => {
  test('ends requests that hang or are held back, promptly, and twice is harmless', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'hang', times: 1 });
    await emulator.faults.add({ on: 'token', delayMs: 600_000 });
    const calls = Promise.allSettled([callToken(emulator), callToken(emulator)]);
    await emulator.requests.waitFor({ endpoint: 'token' }, { count: 2 });
    await Promise.all([emulator.close(), emulator.close()]);
    await emulator.close();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(callToken(emulator)).rejects.toThrow('fetch failed');
  });

  test('ends a request whose body is still on its way, and whoever waits for requests', async () => {
    const emulator = await start();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('grant_type=')),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
    const upload = fetch(`${emulator.url}/local/oauth2/token`, init).then(
      () => 'answered',
      () => 'ended',
    );
    const wait = expect(emulator.requests.waitFor({}, { count: 9 })).rejects.toThrow(/the emulator was closed/);
    await callResource(emulator, '/customers');
    await emulator.close();
    expect(await upload).toBe('ended');
    await wait;
  });

  test('frees its port', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.close();
    expect((await start({ port })).url).toBe(first.url);
  });

  test('comes by itself at the end of an await using block', async () => {
    let url: string;
    {
      await using emulator = await startEmulator();
      url = emulator.url;
      expect((await callToken(emulator)).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('afterwards every control says so; the request log can still be read', async () => {
    const emulator = await start();
    await callToken(emulator);
    await emulator.close();
    const { credentials, clock, clientId, faults, tokens } = emulator;
    for (const attempt of [
      emulator.fetch(new Request(emulator.url)),
      emulator.reset(),
      credentials.create({ roles: ['none'] }),
      credentials.rotate(clientId, { overlapMs: 0 }),
      credentials.deactivate(clientId),
      credentials.reactivate(clientId),
      credentials.revoke(clientId),
      credentials.setRoles(clientId, ['none']),
      credentials.list(),
      clock.advance(1),
      faults.add({ on: 'token', delayMs: 1 }),
      tokens.revokeAll(),
      tokens.expireAll(),
    ]) {
      await expect(attempt).rejects.toThrow(/^The emulator is closed; start another one with startEmulator\(\)$/);
    }
    expect(await emulator.requests.count({ reason: 'issued' })).toBe(1);
    await expect(emulator.requests.waitFor({}, { count: 2, timeoutMs: 60_000 })).rejects.toThrow(
      /the emulator was closed/,
    );
  });
});

test('every response carries the Date of the emulator’s clock, over a socket and in memory', async () => {
  const emulator = await start();
  await emulator.clock.advance(1_000);
  await emulator.faults.add({ on: 'GET /fault', respond: { status: 200 } });
  for (const path of ['/customers', '/fault', '/nothing', '/portal', '/_emulator/ready']) {
    const request = new Request(`${emulator.url}${path}`, { redirect: 'manual' });
    for (const { headers } of [await fetch(request.clone()), await emulator.fetch(request)]) {
      expect(headers.get('date'), path).toBe('Thu, 01 Jan 2026 00:00:01 GMT');
    }
  }
});

test.each(['GET /customers', 'GET /portal', 'GET /_emulator/ready'])(
  'two Host headers are a 400 (RFC 9112 section 3.2): %s',
  async (line) => {
    const emulator = await start();
    const { host } = new URL(emulator.url);
    const { statusLine } = await sendRaw(emulator.url, [`${line} HTTP/1.1`, `Host: ${host}`]);
    expect(statusLine).toMatch(/ 400 /);
    expect(await emulator.requests.count()).toBe(0);
  },
);

test('without node:sqlite, the import fails with an error that says which Node is needed', async () => {
  const code = `await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)})`;
  const args = ['--no-experimental-sqlite', '--input-type=module', '--eval', code];
  const { stderr } = await promisify(execFile)(process.execPath, args).catch((error: { stderr: string }) => error);
  expect(stderr).toMatch(
    /^Error: @instellix\/emulator needs node:sqlite, which Node has from 22\.13 on; this is Node /m,
  );
});

describe('absurd options', () => {
  const absurd: [options: unknown, message: RegExp][] = [
    [null, /^options: must be an object/],
    ['x.db', /^options: must be an object/],
    [
      { ttl: 1 },
      /^options: has an unknown field "ttl"; known fields are port, clock, tokenTtlSeconds, throttleWindowMs, database, seed/,
    ],
    [{ port: '0' }, /^port: must be a whole number from 0 to 65535/],
    [{ port: 65_536 }, /^port: /],
    [{ tokenTtlSeconds: 0 }, /^tokenTtlSeconds: must be a whole number from 1/],
    [{ tokenTtlSeconds: 0.5 }, /^tokenTtlSeconds: /],
    [{ tokenTtlSeconds: Number.NaN }, /^tokenTtlSeconds: /],
    [{ throttleWindowMs: -1 }, /^throttleWindowMs: must be a whole number from 0/],
    [{ throttleWindowMs: Number.POSITIVE_INFINITY }, /^throttleWindowMs: /],
    [{ clock: 'soon' }, /^clock: must be a Date, /],
    [{ database: '' }, /^database: must not be empty/],
    [{ database: 7 }, /^database: must be a string/],
    [{ database: 'file:x?mode=memory' }, /^database: must be the path of a file or ":memory:"/],
    [{ database: 'a\u0000b' }, /^database: must not hold control characters/],
    [{ seed: 1 }, /^seed: must be an object/],
    [{ seed: {}, throttleWindowMs: undefined, port: '1' }, /^port: /],
  ];
  test.each(absurd)('%j: one sentence that names the option', async (options, message) => {
    await expect(startEmulator(options as never)).rejects.toThrow(message);
  });

  test('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      `port: ${port} is in use by another program; choose another, or 0 for a free one`,
    );
    server.close();
  });
});
