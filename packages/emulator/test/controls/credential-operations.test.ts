import { describe, expect, test } from 'vitest';
import { START, ways } from '../wire/emulators.ts';
import { type Callee, callToken, lastReason } from '../wire/token-call.ts';

describe.each(ways)('%s', (_way, use) => {
  const start = use();

  async function reasonOf(emulator: Callee, clientId: string, clientSecret: string): Promise<string | undefined> {
    await callToken(emulator, { clientId, clientSecret });
    return lastReason(emulator);
  }

  describe('create', () => {
    test('generates a new id and secret when they are left out', async () => {
      const { credentials } = await start();
      const first = await credentials.create({ roles: ['reader'] });
      const second = await credentials.create({ roles: ['reader'] });
      expect(first.clientId).not.toBe(second.clientId);
      expect(first.clientSecret).not.toBe(second.clientSecret);
      expect(first.clientSecret).toMatch(/^[\w-]{43}$/);
    });

    test('creates the realm of its first credential', async () => {
      const emulator = await start();
      await callToken(emulator, { realm: 'new' });
      expect(await lastReason(emulator)).toBe('unknown_realm');
      await emulator.credentials.create({ roles: ['none'], realm: 'new' });
      await callToken(emulator, { realm: 'new' });
      expect(await lastReason(emulator)).toBe('wrong_realm');
    });

    const absurd: [options: unknown, message: RegExp][] = [
      [null, /^credentials\.create: must be an object/],
      [undefined, /^credentials\.create: roles: is missing/],
      [{ roles: 'reader' }, /roles: must be an array/],
      [{ roles: [] }, /^credentials\.create: roles: must have at least one role; \["none"\] grants no scope/],
      [
        { roles: ['boss'] },
        /^credentials\.create: roles\[0\]: must be one of reader, writer, none, admin, auditor, not "boss"/,
      ],
      [{ roles: ['reader', 'reader'] }, /^credentials\.create: roles: has the same role twice/],
      [
        { roles: ['reader', 'admin'] },
        /^credentials\.create: roles: "admin" is a role of the portal; use kind "portal"/,
      ],
      [{ roles: ['reader'], kind: 'web' }, /^credentials\.create: kind: must be one of api, portal/],
      [{ roles: ['reader'], realm: '' }, /^credentials\.create: realm: must not be empty/],
      [{ roles: ['reader'], realm: 'a/b' }, /^credentials\.create: realm: must be one path segment/],
      [{ roles: ['reader'], realm: 'a\\b' }, /^credentials\.create: realm: must be one path segment/],
      [{ roles: ['reader'], realm: '..' }, /^credentials\.create: realm: must not be \.\./],
      [{ roles: ['reader'], realm: ' a' }, /^credentials\.create: realm: must not begin or end with whitespace/],
      [{ roles: ['reader'], realm: 'portal' }, /^credentials\.create: realm: must not be portal/],
      [{ roles: ['reader'], realm: 'x'.repeat(129) }, /^credentials\.create: realm: must not be longer than 128/],
      [{ roles: ['reader'], clientId: 'a:b' }, /^credentials\.create: clientId: must not contain a colon/],
      [{ roles: ['reader'], clientId: 'a\nb' }, /^credentials\.create: clientId: must not contain control characters/],
      [
        { roles: ['reader'], clientId: '\ud800' },
        /^credentials\.create: clientId: must not contain control characters .* lone surrogates/,
      ],
      [{ roles: ['reader'], clientId: 7 }, /^credentials\.create: clientId: must be a string/],
      [
        { roles: ['reader'], clientId: 'local-client' },
        /^credentials\.create: clientId: is the id of another credential/,
      ],
      [{ roles: ['reader'], clientSecret: ' ' }, /^credentials\.create: clientSecret: must not be empty/],
      [{ roles: ['reader'], name: '' }, /^credentials\.create: name: must not be empty/],
      [
        { roles: ['reader'], secret: 'x' },
        /has an unknown field "secret"; known fields are roles, realm, kind, name, clientId, clientSecret/,
      ],
    ];
    test.each(absurd)('%j: an error that names the field', async (options, message) => {
      const { credentials } = await start();
      await expect(credentials.create(options as never)).rejects.toThrow(message);
      expect(await credentials.list()).toHaveLength(1);
    });
  });

  describe('rotate', () => {
    test('accepts both secrets during the overlap, then only the new one', async () => {
      const emulator = await start({ throttleWindowMs: 0 });
      const { clientId, clientSecret: first } = await emulator.credentials.create({ roles: ['reader'] });
      const { clientSecret: second } = await emulator.credentials.rotate(clientId, { overlapMs: 1_000 });
      await emulator.clock.advance(999);
      expect(await reasonOf(emulator, clientId, first)).toBe('issued');
      expect(await reasonOf(emulator, clientId, second)).toBe('issued');
      await emulator.clock.advance(1);
      expect(await reasonOf(emulator, clientId, first)).toBe('secret_expired');
      expect(await reasonOf(emulator, clientId, second)).toBe('issued');
    });

    test('a second rotation invalidates the oldest secret at once', async () => {
      const emulator = await start({ throttleWindowMs: 0 });
      const { clientId, clientSecret: first } = await emulator.credentials.create({ roles: ['reader'] });
      const { clientSecret: second } = await emulator.credentials.rotate(clientId, { overlapMs: 60_000 });
      const { clientSecret: third } = await emulator.credentials.rotate(clientId, { overlapMs: 60_000 });
      expect(await reasonOf(emulator, clientId, first)).toBe('secret_expired');
      expect(await reasonOf(emulator, clientId, second)).toBe('issued');
      expect(await reasonOf(emulator, clientId, third)).toBe('issued');
      const summary = (await emulator.credentials.list()).find((credential) => credential.clientId === clientId);
      const createdAt = Date.parse(START);
      expect(summary?.secrets).toEqual([{ createdAt }, { createdAt, expiresAt: createdAt + 60_000 }]);
    });

    test('keeps only the last 20 secrets', async () => {
      const emulator = await start({ throttleWindowMs: 0 });
      const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
      for (let round = 0; round < 20; round += 1) await emulator.credentials.rotate(clientId, { overlapMs: 0 });
      expect(await reasonOf(emulator, clientId, clientSecret)).toBe('wrong_secret');
    });

    const absurd: [parameters: unknown[], message: RegExp][] = [
      [
        ['nobody', { overlapMs: 0 }],
        /^credentials\.rotate: clientId: no credential has this client id; credentials\.list\(\) returns/,
      ],
      [[undefined, { overlapMs: 0 }], /^credentials\.rotate: clientId: must be a string/],
      [['local-client', null], /^credentials\.rotate: must be an object/],
      [['local-client'], /^credentials\.rotate: overlapMs: is missing/],
      [['local-client', {}], /overlapMs: is missing/],
      [['local-client', { overlapMs: -1 }], /^credentials\.rotate: overlapMs: must be a whole number from 0/],
      [['local-client', { overlapMs: Number.NaN }], /^credentials\.rotate: overlapMs: must be a whole number from 0/],
      [['local-client', { overlapMs: 0, overlap: 1 }], /has an unknown field "overlap"/],
    ];
    test.each(absurd)('%j: an error that names the field', async (parameters, message) => {
      const { credentials } = await start();
      const rotate = credentials.rotate as (...parameters: unknown[]) => Promise<unknown>;
      await expect(rotate(...parameters)).rejects.toThrow(message);
    });
  });

  describe('deactivate, reactivate, revoke', () => {
    test('accepts a reactivated credential', async () => {
      const emulator = await start();
      const { clientId, clientSecret } = emulator;
      await emulator.credentials.deactivate(clientId);
      await emulator.credentials.deactivate(clientId);
      expect(await reasonOf(emulator, clientId, clientSecret)).toBe('credential_inactive');
      await emulator.credentials.reactivate(clientId);
      expect(await reasonOf(emulator, clientId, clientSecret)).toBe('issued');
    });

    test('a revoked credential cannot be used again', async () => {
      const emulator = await start();
      const { credentials, clientId, clientSecret } = emulator;
      await credentials.revoke(clientId);
      await credentials.revoke(clientId);
      expect(await reasonOf(emulator, clientId, clientSecret)).toBe('credential_revoked');
      for (const attempt of [
        credentials.reactivate(clientId),
        credentials.deactivate(clientId),
        credentials.rotate(clientId, { overlapMs: 0 }),
        credentials.setRoles(clientId, ['none']),
      ]) {
        await expect(attempt).rejects.toThrow(/this credential is revoked permanently; create a new one/);
      }
      await expect(credentials.create({ roles: ['none'], clientId })).rejects.toThrow(
        /is the id of another credential/,
      );
    });
  });

  test('list returns everything about credentials except secrets', async () => {
    const { credentials, clientId } = await start();
    await credentials.create({
      roles: ['admin', 'reader'],
      kind: 'portal',
      realm: 'other',
      clientId: 'p',
      clientSecret: 's',
    });
    await credentials.deactivate('p');
    await credentials.setRoles('p', ['auditor']);
    const createdAt = Date.parse(START);
    expect(await credentials.list()).toEqual([
      {
        clientId,
        realm: 'local',
        kind: 'api',
        name: 'default credential',
        roles: ['reader', 'writer'],
        status: 'active',
        createdAt,
        secrets: [{ createdAt }],
      },
      {
        clientId: 'p',
        realm: 'other',
        kind: 'portal',
        roles: ['auditor'],
        status: 'inactive',
        createdAt,
        secrets: [{ createdAt }],
      },
    ]);
  });

  test('setRoles rejects roles of the portal for an API credential', async () => {
    const { credentials, clientId } = await start();
    await expect(credentials.setRoles(clientId, ['admin'])).rejects.toThrow(/roles: "admin" is a role of the portal/);
  });
});
