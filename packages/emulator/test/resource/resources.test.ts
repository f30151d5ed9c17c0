import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callResource, callToken, lastReason, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();
const json = { 'content-type': 'application/json' };

async function tokenOf(emulator: Emulator, roles: ('reader' | 'writer' | 'none')[]): Promise<string> {
  return obtainToken(emulator, await emulator.credentials.create({ roles }));
}

describe('what a role may do', () => {
  const rights = [
    { role: 'reader', read: 200, write: 403, any: 200 },
    { role: 'writer', read: 403, write: 201, any: 200 },
    { role: 'none', read: 403, write: 403, any: 200 },
  ] as const;
  test.each(rights)('$role', async ({ role, read, write, any }) => {
    const emulator = await start();
    const token = await tokenOf(emulator, [role]);
    const post = { method: 'POST', body: '{"name":"New"}', headers: json };
    expect((await callResource(emulator, '/customers', token)).status).toBe(read);
    expect((await callResource(emulator, '/customers', token, post)).status).toBe(write);
    expect((await callResource(emulator, '/some-resource', token)).status).toBe(any);
  });

  test('a token keeps the scopes of the roles at the time of its issue', async () => {
    const emulator = await start({ throttleWindowMs: 0 });
    const credential = await emulator.credentials.create({ roles: ['none'] });
    const before = await obtainToken(emulator, credential);
    await emulator.credentials.setRoles(credential.clientId, ['reader']);
    const after = await obtainToken(emulator, credential);
    expect((await callResource(emulator, '/customers', before)).status).toBe(403);
    expect((await callResource(emulator, '/customers', after)).status).toBe(200);
  });
});

describe('challenges (RFC 6750 section 3)', () => {
  const missing: Record<string, string | undefined> = {
    'no header': undefined,
    'another scheme': 'Basic YTpi',
  };
  test.each(Object.entries(missing))('%s: a challenge without an error', async (_title, authorization) => {
    const emulator = await start();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await callResource(emulator, '/customers', undefined, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="instellix"');
    expect(await lastReason(emulator)).toBe('no_token');
  });

  test('ignores a token in the URL, and rejects one in URL and header with 400', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    expect((await callResource(emulator, `/customers?access_token=${token}`)).status).toBe(401);
    expect(await lastReason(emulator)).toBe('no_token');
    expect((await callResource(emulator, `/customers?access_token=${token}`, token)).status).toBe(400);
    expect(await lastReason(emulator)).toBe('malformed_token');
  });

  test.each(['Bearer', 'Bearer a b'])('%s: a malformed request', async (authorization) => {
    const emulator = await start();
    const response = await callResource(emulator, '/customers', undefined, { headers: { authorization } });
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="instellix", error="invalid_request", /);
    expect(await lastReason(emulator)).toBe('malformed_token');
  });

  test('rejects a second Authorization header with 400', async () => {
    const emulator = await start();
    const header = `Authorization: Bearer ${await obtainToken(emulator)}`;
    const response = await sendRaw(emulator.url, ['GET /customers HTTP/1.1', header, header]);
    expect(response.statusLine).toBe('HTTP/1.1 400 Bad Request');
    expect(await lastReason(emulator)).toBe('malformed_token');
  });

  test('every invalid token gets the same 401; only the request log shows the reason', async () => {
    const emulator = await start({ throttleWindowMs: 0 });
    const expired = await obtainToken(emulator);
    await emulator.tokens.expireAll();
    const revoked = await obtainToken(emulator);
    await emulator.tokens.revokeAll();
    const responses: unknown[] = [];
    for (const token of ['{odd}', 'unknown', expired, revoked]) {
      const response = await callResource(emulator, '/customers', token);
      responses.push([response.status, response.headers.get('www-authenticate'), await response.text()]);
    }
    expect(responses[0]).toEqual([
      401,
      expect.stringMatching(/^Bearer realm="instellix", error="invalid_token", /),
      expect.any(String),
    ]);
    for (const response of responses) expect(response).toEqual(responses[0]);
    const reasons = (await emulator.requests.list({ status: 401 })).map(({ reason }) => reason);
    expect(reasons).toEqual(['malformed_token', 'unknown_token', 'token_expired', 'token_revoked']);
  });

  test('a missing scope is a 403 that names the scope', async () => {
    const emulator = await start();
    const response = await callResource(emulator, '/customers', await tokenOf(emulator, ['writer']));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*, scope="customers:read"$/);
    expect(await lastReason(emulator)).toBe('insufficient_scope');
  });

  test('accepts the scheme in any letter case', async () => {
    const emulator = await start();
    const headers = { authorization: `bEARER ${await obtainToken(emulator)}` };
    expect((await callResource(emulator, '/some-resource', undefined, { headers })).status).toBe(200);
  });
});

describe('the validity of a token', () => {
  test('ends with its lifetime', async () => {
    const emulator = await start({ tokenTtlSeconds: 60 });
    const token = await obtainToken(emulator);
    await emulator.clock.advance(59_999);
    expect((await callResource(emulator, '/some-resource', token)).status).toBe(200);
    await emulator.clock.advance(1);
    expect((await callResource(emulator, '/some-resource', token)).status).toBe(401);
    expect(await lastReason(emulator)).toBe('token_expired');
  });

  test('ends when its credential is revoked, not when it is rotated or deactivated', async () => {
    const emulator = await start();
    const status = async (token: string): Promise<number> =>
      (await callResource(emulator, '/some-resource', token)).status;
    const token = await obtainToken(emulator);
    await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
    expect(await status(token)).toBe(200);
    await emulator.credentials.deactivate(emulator.clientId);
    expect(await status(token)).toBe(200);
    await emulator.credentials.revoke(emulator.clientId);
    expect(await status(token)).toBe(401);
    expect(await lastReason(emulator)).toBe('token_revoked');
  });

  test('does not end for tokens that are issued after revokeAll and expireAll', async () => {
    const emulator = await start({ throttleWindowMs: 0 });
    await emulator.tokens.revokeAll();
    await emulator.tokens.expireAll();
    expect((await callResource(emulator, '/some-resource', await obtainToken(emulator))).status).toBe(200);
  });
});

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
    'an id of its own': [{ body: '{"name":"x","id":"1"}' }, 400],
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

  test('each realm has its own customers', async () => {
    const emulator = await start();
    const other = await emulator.credentials.create({ roles: ['reader'], realm: 'other' });
    const token = await obtainToken(emulator, { ...other, realm: 'other' });
    expect(await (await callResource(emulator, '/customers', token)).json()).toEqual({ customers: [] });
  });
});

describe('paths and methods', () => {
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

  test.each(['/nowhere', '/customers/', '/customers/1', '/local/oauth2/token/', '/oauth2/token'])(
    '%s: no route',
    async (path) => {
      const emulator = await start();
      await callResource(emulator, path);
      expect(await emulator.requests.list()).toMatchObject([{ reason: 'no_route', method: 'GET', status: 404 }]);
    },
  );

  test.each(['/portal', '/portal/x', '/_emulator/ready', '/_emulator/oauth2/token'])(
    '%s leaves no entry in the request log',
    async (path) => {
      const emulator = await start();
      await callResource(emulator, path);
      expect(await emulator.requests.list()).toEqual([]);
    },
  );

  test('a malformed request does not end the emulator', async () => {
    const emulator = await start();
    const response = await sendRaw(emulator.url, ['GET /customers\u0000 HTTP/1.1']);
    expect(response.statusLine).toMatch(/^HTTP\/1.1 400/);
    expect((await callToken(emulator)).status).toBe(200);
  });
});
