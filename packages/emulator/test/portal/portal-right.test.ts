import { describe, expect, test } from 'vitest';
import type { Role } from '../../src/index.ts';
import { portalRightsOf } from '../../src/portal/portal-right.ts';
import { portalPages } from '../../src/portal/portal-routes.ts';
import { useEmulators } from '../wire/emulators.ts';
import { outputOf, PortalClient, signedIn } from './portal-client.ts';

const start = useEmulators();
const roles: Role[] = ['reader', 'writer', 'none', 'auditor', 'admin'];
const seed = {
  portalUsers: roles.map((role) => ({ username: `a-${role}`, password: null, roles: [role] })),
  credentials: [{ clientId: 'billing', clientSecret: 's', roles: ['reader'] as const }],
};

describe('privilege by URL', () => {
  test.each(roles)('%s can open exactly the pages of its rights', async (role) => {
    const emulator = await start({ seed });
    const admin = await signedIn(emulator);
    const page = `/portal/user?name=a-${role}`;
    const password = outputOf(
      await admin.post('/portal/user/password', { name: `a-${role}` }, { page }),
      'new-password',
    );
    const client = await signedIn(emulator, { username: `a-${role}`, password });
    for (const { method, path, right } of portalPages) {
      const may = right === undefined || portalRightsOf([role]).has(right);
      const query = '?id=billing&name=a-none';
      const response = method === 'GET' ? await client.get(path + query) : await client.post(path, {});
      // A form without its token is rejected too. The audit log shows the reason.
      const log = (await admin.get('/portal/audit-log')).text;
      const wasForRight = log.slice(0, 4_000).includes(`needs ${right}`) && response.status === 403;
      if (method === 'GET') expect(response.status, `${method} ${path}`).toBe(may ? 200 : 403);
      else expect([response.status, response.text.includes('which your roles do not have')], path).toEqual([403, !may]);
      if (!may) expect(wasForRight, `${method} ${path} is in the audit log`).toBe(true);
    }
    expect((await emulator.credentials.list()).map(({ status }) => status)).toEqual(['active', 'active']);
  });

  test('without a session, every page redirects to the sign-in page', async () => {
    const emulator = await start();
    for (const { method, path } of portalPages) {
      const client = new PortalClient(emulator);
      const response = method === 'GET' ? await client.get(path) : await client.post(path, { id: 'local-client' });
      expect([response.status, response.headers.get('location'), response.text]).toEqual([303, '/portal/sign-in', '']);
    }
  });

  test('F12: the first account manages credentials; other roles do not see them', async () => {
    const emulator = await start({ seed });
    const admin = await signedIn(emulator);
    expect((await admin.get('/portal')).headers.get('location')).toBe('/portal/credentials');
    const reset = { page: '/portal/user?name=a-reader' };
    const password = outputOf(await admin.post('/portal/user/password', { name: 'a-reader' }, reset), 'new-password');
    const reader = await signedIn(emulator, { username: 'a-reader', password });
    expect((await reader.get('/portal')).headers.get('location')).toBe('/portal/account');
    expect((await reader.get('/portal/account')).text).not.toContain('/portal/credentials');
  });

  test('the first account cannot be locked out', async () => {
    const emulator = await start();
    const admin = await signedIn(emulator);
    const page = '/portal/account';
    for (const [path, fields] of [
      ['/portal/user/roles', { name: 'admin', roles: 'none' }],
      ['/portal/user/remove', { name: 'admin' }],
      ['/portal/user/password', { name: 'admin' }],
      ['/portal/account/password', { current: emulator.portal.password, next: 'another long password' }],
    ] as const) {
      expect((await admin.post(path, fields, { page })).status, path).toBe(400);
    }
    await signedIn(emulator);
  });
});
