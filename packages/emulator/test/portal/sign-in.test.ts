import { describe, expect, test } from 'vitest';
import { SessionTable } from '../../src/state/session.ts';
import { useEmulators } from '../wire/emulators.ts';
import { PortalClient, signedIn } from './portal-client.ts';

const start = useEmulators();
const ada = { username: 'ada', password: 'battery staple horse' };
const seed = { portalUsers: [{ ...ada, roles: ['auditor'] as const }] };

describe('signing in', () => {
  test('accepts the first account, users of the seed, and credentials for the portal (F12)', async () => {
    const emulator = await start({ seed });
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['admin'], kind: 'portal' });
    for (const account of [emulator.portal, ada, { username: clientId, password: clientSecret }]) {
      const client = await signedIn(emulator, account);
      expect((await client.get('/portal/credentials')).status).toBe(200);
    }
  });

  test('rejects all others with the same page', async () => {
    const emulator = await start({ seed });
    const api = await emulator.credentials.create({ roles: ['reader'] });
    const portal = await emulator.credentials.create({ roles: ['admin'], kind: 'portal' });
    await emulator.credentials.deactivate(portal.clientId);
    const responses = new Set<string>();
    for (const [username, password] of [
      ['ada', 'wrong'],
      ['nobody', 'wrong'],
      ['', ''],
      ['ADA', ada.password],
      [emulator.clientId, emulator.clientSecret],
      [api.clientId, api.clientSecret],
      [portal.clientId, portal.clientSecret],
      ["' OR 1=1 --", "' OR 1=1 --"],
    ] as const) {
      const client = new PortalClient(emulator);
      const { status, text } = await client.post('/portal/sign-in', { username, password });
      expect([status, client.cookie]).toEqual([403, '']);
      responses.add(text);
    }
    expect(responses.size).toBe(1);
  });

  test('after five wrong passwords, a known or unknown name must wait, also with the right password', async () => {
    const emulator = await start({ seed });
    for (const username of ['ada', 'nobody']) {
      const client = new PortalClient(emulator);
      for (let attempt = 0; attempt < 5; attempt += 1) await client.signIn({ username, password: 'wrong' });
      const refused = await client.post('/portal/sign-in', { username, password: ada.password });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await signedIn(emulator);
  });

  test('rejects many simultaneous attempts, and counts each of them', async () => {
    const emulator = await start({ seed });
    const attempts = Array.from({ length: 40 }, () => new PortalClient(emulator).signIn({ ...ada, password: 'wrong' }));
    const statuses = await Promise.all(attempts);
    expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(5);
    expect(new Set(statuses)).toEqual(new Set([403, 429]));
  });

  test('neither the page nor the audit log repeats an unknown name, which may be a password', async () => {
    const emulator = await start();
    const client = new PortalClient(emulator);
    const { text } = await client.post('/portal/sign-in', { username: emulator.portal.password, password: 'x' });
    expect(text).not.toContain(emulator.portal.password);
    const log = (await (await signedIn(emulator)).get('/portal/audit-log')).text;
    expect(log).not.toContain(emulator.portal.password);
    expect(log).toContain('(unknown)');
  });
});

describe('sessions', () => {
  test('get a new id at each sign-in (session fixation)', async () => {
    const emulator = await start();
    const client = new PortalClient(emulator);
    const { port } = new URL(emulator.url);
    client.cookie = `instellix_portal_${port}=planted-by-an-attacker`;
    await client.signIn(emulator.portal);
    const first = client.cookie;
    expect(first).toMatch(new RegExp(`^instellix_portal_${port}=[\\w-]{43}$`));
    await client.signIn(emulator.portal);
    expect(client.cookie).not.toBe(first);
    client.cookie = first;
    expect((await client.get('/portal/account')).status, 'the previous session has ended').toBe(303);
  });

  test('use a cookie that scripts and other sites cannot read', async () => {
    const emulator = await start();
    const response = await new PortalClient(emulator).post('/portal/sign-in', { ...emulator.portal });
    expect(response.headers.get('set-cookie')).toMatch(/; Path=\/portal; HttpOnly; SameSite=Strict$/);
  });

  test('end with the sign-out', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const old = client.cookie;
    expect((await client.post('/portal/sign-out', {}, { page: '/portal/account' })).status).toBe(303);
    client.cookie = old;
    expect((await client.get('/portal/account')).headers.get('location')).toBe('/portal/sign-in');
  });

  test.each(['x', '', 'a'.repeat(43), '../../x', '%00'])('a forged cookie is ignored: %j', async (value) => {
    const emulator = await start();
    const client = new PortalClient(emulator);
    client.cookie = `instellix_portal_${new URL(emulator.url).port}=${value}`;
    expect((await client.get('/portal/credentials')).status).toBe(303);
    const good = (await signedIn(emulator)).cookie;
    const forged = client.cookie;
    for (const both of [`${forged}; ${good}`, `${good}; ${forged}`]) {
      client.cookie = both;
      expect((await client.get('/portal/credentials')).status, 'two cookies').toBe(303);
    }
  });

  test('end when the password changes or the account is revoked; new roles apply at once', async () => {
    const emulator = await start({ seed });
    const admin = await signedIn(emulator);
    const client = await signedIn(emulator, ada);
    await admin.post('/portal/user/roles', { name: 'ada', roles: 'none' }, { page: '/portal/user?name=ada' });
    expect((await client.get('/portal/credentials')).status, 'new roles apply at once').toBe(403);
    await admin.post('/portal/user/password', { name: 'ada' }, { page: '/portal/user?name=ada' });
    expect((await client.get('/portal/account')).status).toBe(303);
    const portal = await emulator.credentials.create({ roles: ['auditor'], kind: 'portal' });
    const other = await signedIn(emulator, { username: portal.clientId, password: portal.clientSecret });
    await emulator.credentials.revoke(portal.clientId);
    expect((await other.get('/portal/account')).status).toBe(303);
  });

  test('end 30 minutes after the last request and 12 hours after the sign-in, by the emulator’s clock', async () => {
    const emulator = await start();
    const MINUTE = 60_000;
    const first = await signedIn(emulator);
    await emulator.clock.advance(30 * MINUTE - 1);
    expect((await first.get('/portal/account')).status).toBe(200);
    await emulator.clock.advance(30 * MINUTE);
    expect((await first.get('/portal/account')).status).toBe(303);
    const second = await signedIn(emulator);
    for (let now = 0; now < 719 * MINUTE; now += 29 * MINUTE) {
      expect((await second.get('/portal/account')).status).toBe(200);
      await emulator.clock.advance(29 * MINUTE);
    }
    expect((await second.get('/portal/account')).status).toBe(303);
  });

  test('end with reset()', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    await emulator.reset();
    expect((await client.get('/portal/account')).status).toBe(303);
  });

  test('of a credential end when their secret expires', async () => {
    const emulator = await start();
    const portal = await emulator.credentials.create({ roles: ['auditor'], kind: 'portal' });
    const first = await signedIn(emulator, { username: portal.clientId, password: portal.clientSecret });
    const { clientSecret } = await emulator.credentials.rotate(portal.clientId, { overlapMs: 1_000 });
    expect((await first.get('/portal/account')).status, 'the overlap').toBe(200);
    await emulator.clock.advance(1_000);
    expect((await first.get('/portal/account')).status).toBe(303);
    const second = await signedIn(emulator, { username: portal.clientId, password: clientSecret });
    await emulator.credentials.rotate(portal.clientId, { overlapMs: 0 });
    expect((await second.get('/portal/account')).status).toBe(303);
  });

  test('are limited to 1,000: the oldest is removed', () => {
    const sessions = new SessionTable({ now: () => 0 });
    const digest = new Uint8Array(32);
    const ids = Array.from({ length: 1_001 }, () => sessions.start('ada', digest));
    expect(sessions.find(ids[0] ?? '')).toBeUndefined();
    expect(sessions.countOf('ada')).toBe(1_000);
  });
});

test('the wait after wrong passwords is a minute of the emulator’s clock, and reset() ends it', async () => {
  const emulator = await start({ seed });
  const client = new PortalClient(emulator);
  for (let attempt = 0; attempt < 5; attempt += 1) await client.signIn({ ...ada, password: 'wrong' });
  await emulator.clock.advance(59_999);
  expect(await client.signIn(ada)).toBe(429);
  await emulator.clock.advance(1);
  expect(await client.signIn({ ...ada, password: 'wrong' })).toBe(403);
  expect(await client.signIn(ada)).toBe(429);
  await emulator.reset();
  await signedIn(emulator, ada);
});
