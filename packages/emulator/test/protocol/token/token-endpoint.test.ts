import { describe, expect, test } from 'vitest';
import { useEmulators } from '../../wire/emulators.ts';
import { sendRaw } from '../../wire/send-raw.ts';
import { basic, callResource, callToken, lastReason, multipartForm, obtainToken } from '../../wire/token-call.ts';

const start = useEmulators();

describe('a request that the vendor documents', () => {
  test('gets a token in the vendor’s three members, without caching', async () => {
    const emulator = await start();
    const response = await callToken(emulator);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    });
    const body = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 300 });
    expect(body['access_token']).toMatch(/^[\w-]{43}$/);
    expect(await lastReason(emulator)).toBe('issued');
  });

  test('gets the configured lifetime', async () => {
    const emulator = await start({ tokenTtlSeconds: 7 });
    expect(await (await callToken(emulator)).json()).toMatchObject({ expires_in: 7 });
  });

  test('is accepted in the bytes of curl', async () => {
    const emulator = await start();
    const boundary = '------------------------d74496d66958873e';
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--${boundary}--\r\n`;
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Accept: */*',
        `Content-Length: ${body.length}`,
        `Content-Type: multipart/form-data; boundary=${boundary}`,
      ],
      body,
    );
    expect(response.statusLine).toBe('HTTP/1.1 200 OK');
  });
});

describe('scopes', () => {
  test('grants only the requested scopes', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator, {
      body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read customers:read' }),
    });
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    expect((await callResource(emulator, '/customers', token, { method: 'POST', body: '{}' })).status).toBe(403);
  });

  test('without a scope parameter, grants all scopes of the roles', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const init = { method: 'POST', body: '{"name":"New"}', headers: { 'content-type': 'application/json' } };
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    expect((await callResource(emulator, '/customers', token, init)).status).toBe(201);
  });
});

describe('methods', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    '%s is a 405 with the allowed method',
    async (method) => {
      const emulator = await start();
      const response = await callToken(emulator, { method, body: null });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(await emulator.requests.list()).toMatchObject([
        { endpoint: 'token', method, reason: 'method_not_allowed' },
      ]);
    },
  );
});

describe('throttle', () => {
  test('rejects a second token request within the window, and accepts one after it', async () => {
    const emulator = await start();
    expect((await callToken(emulator)).status).toBe(200);
    await emulator.clock.advance(4_999);
    expect((await callToken(emulator)).status).toBe(401);
    expect(await lastReason(emulator)).toBe('throttled');
    await emulator.clock.advance(1);
    expect((await callToken(emulator)).status).toBe(200);
  });

  test('failures neither start nor extend the window', async () => {
    const emulator = await start();
    await callToken(emulator, { clientSecret: 'wrong' });
    await callToken(emulator, { body: multipartForm({ grant_type: 'password' }) });
    expect((await callToken(emulator)).status).toBe(200);
    for (let passed = 0; passed < 5_000; passed += 1_000) {
      await callToken(emulator);
      await callToken(emulator, { clientSecret: 'wrong' });
      await emulator.clock.advance(1_000);
    }
    expect((await callToken(emulator)).status).toBe(200);
  });

  test('each client has its own window', async () => {
    const emulator = await start();
    const other = await emulator.credentials.create({ roles: ['reader'] });
    expect((await callToken(emulator)).status).toBe(200);
    expect((await callToken(emulator, other)).status).toBe(200);
  });

  test('a rotated secret shares the window of its client', async () => {
    const emulator = await start();
    await callToken(emulator);
    const { clientSecret } = await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
    await callToken(emulator, { clientSecret });
    expect(await lastReason(emulator)).toBe('throttled');
  });

  test('of many simultaneous requests, one gets a token', async () => {
    const emulator = await start();
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await callToken(emulator)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await emulator.requests.count({ reason: 'throttled' })).toBe(49);
  });

  test('a window of 0 turns the throttle off', async () => {
    const emulator = await start({ throttleWindowMs: 0 });
    expect((await callToken(emulator)).status).toBe(200);
    expect((await callToken(emulator)).status).toBe(200);
  });
});
