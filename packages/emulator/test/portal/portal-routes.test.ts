import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callToken } from '../wire/token-call.ts';
import { type PortalClient, signedIn } from './portal-client.ts';

const start = useEmulators();
const page = '/portal/credential?id=local-client';
const rotate = { id: 'local-client', overlapMs: '0' };

describe('a form that is being sent while rights end', () => {
  const user = { username: 'ada', password: 'battery staple', roles: ['admin'] as const };
  type Change = (emulator: Emulator, ada: PortalClient, admin: PortalClient) => Promise<unknown>;
  const changes: [title: string, change: Change, status: string][] = [
    ['reset()', (emulator) => emulator.reset(), '303 See Other'],
    [
      'removal of the user',
      (_emulator, _ada, admin) => admin.post('/portal/user/remove', { name: 'ada' }, { page: '/portal/user?name=ada' }),
      '303 See Other',
    ],
    [
      'other roles',
      (_emulator, _ada, admin) =>
        admin.post('/portal/user/roles', { name: 'ada', roles: 'none' }, { page: '/portal/user?name=ada' }),
      '403 Forbidden',
    ],
    ['sign-out', (_emulator, ada) => ada.post('/portal/sign-out', {}, { page }), '303 See Other'],
    [
      'another password',
      (_emulator, _ada, admin) =>
        admin.post('/portal/user/password', { name: 'ada' }, { page: '/portal/user?name=ada' }),
      '303 See Other',
    ],
  ];
  test.each(changes)('changes nothing after %s', async (_title, change, status) => {
    const emulator = await start({ seed: { portalUsers: [user] } });
    const [ada, admin] = [await signedIn(emulator, user), await signedIn(emulator)];
    const body = String(new URLSearchParams({ ...rotate, form: await ada.tokenOf(page) }));
    const head = [
      'POST /portal/credential/rotate HTTP/1.1',
      `Cookie: ${ada.cookie}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    const halfway = () => change(emulator, ada, admin);
    expect((await sendRaw(emulator.url, head, body, { halfway })).statusLine).toBe(`HTTP/1.1 ${status}`);
    expect((await callToken(emulator)).status, 'the secret still works').toBe(200);
  });

  test('changes nothing, at whatever point of its handling reset() runs', async () => {
    const emulator = await start();
    for (let ticks = 0; ticks < 60; ticks += 1) {
      const client = await signedIn(emulator);
      const body = new URLSearchParams({ ...rotate, form: await client.tokenOf(page) });
      const headers = { cookie: client.cookie, host: new URL(emulator.url).host };
      const sent = emulator.fetch(
        new Request(`${emulator.url}/portal/credential/rotate`, { method: 'POST', body, headers }),
      );
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      await emulator.reset();
      await sent;
      expect((await callToken(emulator)).status, `after ${ticks} ticks`).toBe(200);
    }
  });
});
