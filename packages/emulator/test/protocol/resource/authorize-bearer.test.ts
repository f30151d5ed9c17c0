import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../../src/index.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { sendRaw } from '../../wire/send-raw.ts';
import { callResource, lastReason, obtainToken } from '../../wire/token-call.ts';

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
