import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { EmulatorSeed } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, lastReason, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();
const folder = mkdtempSync(join(tmpdir(), 'instellix-emulator-'));
afterAll(() => rmSync(folder, { recursive: true }));

const seed: EmulatorSeed = {
  credentials: [
    { clientId: 'billing', clientSecret: 'one', roles: ['reader'], realm: 'acme', name: 'Billing' },
    { clientId: 'boss', clientSecret: 'two', roles: ['admin'], kind: 'portal' },
  ],
  portalUsers: [{ username: 'ada', password: 'three', roles: ['auditor', 'reader'] }],
  customers: [{ name: 'Here' }, { id: 'c-1', name: 'There', realm: 'acme', vip: true }],
};

async function check(given: EmulatorSeed | string): Promise<void> {
  const emulator = await start({ seed: given });
  const billing = { realm: 'acme', clientId: 'billing', clientSecret: 'one' };
  const customers = await callResource(emulator, '/customers', await obtainToken(emulator, billing));
  expect(await customers.json()).toEqual({ customers: [{ id: 'c-1', name: 'There', vip: true }] });
  await callToken(emulator, { clientId: 'boss', clientSecret: 'two' });
  expect(await lastReason(emulator)).toBe('portal_credential');
  const own = await callResource(emulator, '/customers', await obtainToken(emulator));
  expect(await own.json()).toEqual({ customers: [{ id: expect.any(String), name: 'Here' }] });
}

test('a seed is applied in addition to the default credential', () => check(seed));

test('a seed can be a JSON file', async () => {
  const path = join(folder, 'seed.json');
  writeFileSync(path, JSON.stringify(seed));
  await check(path);
});

test('reset restores the seed', async () => {
  const emulator = await start({ seed });
  const before = await emulator.credentials.list();
  const token = await obtainToken(emulator);
  await emulator.credentials.create({ roles: ['none'], realm: 'new' });
  await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
  await emulator.credentials.revoke('billing');
  await emulator.faults.add({ on: 'token', respond: { status: 500 } });
  await emulator.clock.advance(1_000);
  const now = emulator.clock.now();
  await emulator.reset();
  expect(await emulator.requests.list()).toEqual([]);
  expect(emulator.clock.now(), 'the clock is unchanged').toEqual(now);
  const stripTimes = (list: typeof before) => list.map(({ createdAt: _createdAt, secrets: _secrets, ...rest }) => rest);
  expect(stripTimes(await emulator.credentials.list())).toEqual(stripTimes(before));
  expect((await callResource(emulator, '/some-resource', token)).status, 'its tokens are gone').toBe(401);
  expect((await callToken(emulator)).status, 'no throttle, no fault, the secret of the start').toBe(200);
});

const credential = { clientId: 'a', clientSecret: 'b', roles: ['reader'] };
const user = { username: 'a', password: 'b', roles: ['admin'] };
const absurd: [seed: unknown, message: RegExp][] = [
  [null, /^seed: must be an object/],
  [[], /^seed: must be an object/],
  [
    { users: [] },
    /^seed: has an unknown field "users"; known fields are \$schema, credentials, portalUsers, customers/,
  ],
  [{ credentials: {} }, /^seed\.credentials: must be an array/],
  [{ credentials: ['a'] }, /^seed\.credentials\[0\]: must be an object/],
  [{ credentials: [{ ...credential, secret: 'x' }] }, /^seed\.credentials\[0\]: has an unknown field "secret"/],
  [{ credentials: [{ ...credential, clientId: undefined }] }, /^seed\.credentials\[0\]\.clientId: must be a string/],
  [
    { credentials: [{ ...credential, clientId: 'a:b' }] },
    /^seed\.credentials\[0\]\.clientId: must not contain a colon/,
  ],
  [
    { credentials: [{ ...credential, clientId: 'local-client' }] },
    /^seed\.credentials\[0\]\.clientId: is the client id of the default/,
  ],
  [{ credentials: [{ ...credential, clientSecret: '' }] }, /^seed\.credentials\[0\]\.clientSecret: must not be empty/],
  [
    { credentials: [{ ...credential, roles: ['boss'] }] },
    /^seed\.credentials\[0\]\.roles\[0\]: must be one of reader, writer, none/,
  ],
  [
    { credentials: [{ ...credential, roles: ['auditor'] }] },
    /^seed\.credentials\[0\]\.roles: "auditor" is a role of the portal/,
  ],
  [{ credentials: [{ ...credential, realm: '../x' }] }, /^seed\.credentials\[0\]\.realm: must be one path segment/],
  [{ credentials: [{ ...credential, realm: '.' }] }, /^seed\.credentials\[0\]\.realm: must not be \./],
  [{ credentials: [{ ...credential, kind: 'both' }] }, /^seed\.credentials\[0\]\.kind: must be one of api, portal/],
  [
    { credentials: [credential, { ...credential, realm: 'x' }] },
    /^seed\.credentials\[1\]\.clientId: is the same as in an earlier entry/,
  ],
  [{ portalUsers: [{ ...user, password: undefined }] }, /^seed\.portalUsers\[0\]\.password: must be a string/],
  [
    { portalUsers: [{ ...user, roles: ['king'] }] },
    /^seed\.portalUsers\[0\]\.roles\[0\]: must be one of reader, writer, none, admin/,
  ],
  [
    { portalUsers: [{ ...user, username: 'admin' }] },
    /^seed\.portalUsers\[0\]\.username: is the user name of the first account/,
  ],
  [{ portalUsers: [user, user] }, /^seed\.portalUsers\[1\]\.username: is the same as in an earlier/],
  [{ customers: ['Ada'] }, /^seed\.customers\[0\]: must be an object/],
  [{ customers: [{}] }, /^seed\.customers\[0\]\.name: is missing/],
  [{ customers: [{ name: 'x', id: 1 }] }, /^seed\.customers\[0\]\.id: must be a string/],
  [{ customers: [{ name: 'x', realm: 'a/b' }] }, /^seed\.customers\[0\]\.realm: must be one path segment/],
  [{ customers: [{ name: 'x', big: 1n }] }, /^seed\.customers\[0\]: must contain only values that JSON/],
  [
    {
      customers: [
        { name: 'x', id: '1' },
        { name: 'y', id: '1' },
      ],
    },
    /^seed\.customers\[1\]\.id: is the same as in an earlier entry/,
  ],
];
test.each(absurd)('%o: an error that names the field', async (given, message) => {
  await expect(start({ seed: given as EmulatorSeed })).rejects.toThrow(message);
});

test('the index in an error counts customers without an id', async () => {
  const customers = [{ name: 'x' }, { name: 'y', id: '1' }, { name: 'z', id: '1' }];
  await expect(start({ seed: { customers } })).rejects.toThrow(
    /^seed\.customers\[2\]\.id: is the same as in an earlier entry/,
  );
});

test('rejects a file that is too large', async () => {
  const path = join(folder, 'image.json');
  writeFileSync(path, '');
  truncateSync(path, 64 * 1_024 * 1_024 + 1);
  await expect(start({ seed: path })).rejects.toThrow(
    /^seed: ".*image\.json" is larger than 64 MiB; give the path of a smaller/,
  );
});

test('rejects a missing file, a folder, invalid JSON and an invalid seed', async () => {
  await expect(start({ seed: join(folder, 'missing.json') })).rejects.toThrow(
    /^seed: ".*missing\.json" cannot be read; give the path/,
  );
  await expect(start({ seed: folder })).rejects.toThrow(/^seed: ".*" cannot be read/);
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{"credentials": [');
  await expect(start({ seed: path })).rejects.toThrow(/^seed: ".*broken\.json" is not valid JSON; correct it/);
  await expect(start({ seed: '{"credentials": "planted"}' })).rejects.toThrow(
    /^seed: is a JSON string; give the path of a JSON file, or an object$/,
  );
  writeFileSync(path, '"seed"');
  await expect(start({ seed: path })).rejects.toThrow(/^seed: must be an object$/);
});
