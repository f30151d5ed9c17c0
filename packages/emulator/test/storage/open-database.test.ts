import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { startEmulator } from '../../src/index.ts';
import { START, useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, lastReason, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();
const folder = mkdtempSync(join(tmpdir(), 'instellix-emulator-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PAGE_BYTES = 4_096;
const file = (name: string): string => join(folder, name);

test('a file keeps default credential, first account, credentials, tokens, throttle and customers across a restart', async () => {
  const database = file('restart.db');
  const first = await start({ database });
  const { clientId, clientSecret } = await first.credentials.create({ roles: ['reader'], realm: 'other' });
  const token = await obtainToken(first);
  const post = { method: 'POST', body: '{"name":"Kept"}', headers: { 'content-type': 'application/json' } };
  expect((await callResource(first, '/customers', token, post)).status).toBe(201);
  await first.close();

  const second = await start({ database });
  expect([second.realm, second.clientId, second.clientSecret]).toEqual([
    first.realm,
    first.clientId,
    first.clientSecret,
  ]);
  expect([second.portal.username, second.portal.password]).toEqual([first.portal.username, first.portal.password]);
  expect(await (await callResource(second, '/customers', token)).text()).toContain('Kept');
  await callToken(second);
  expect(await lastReason(second)).toBe('throttled');
  expect((await callToken(second, { realm: 'other', clientId, clientSecret })).status).toBe(200);
  await second.clock.advance(5_000);
  expect((await callToken(second)).status).toBe(200);
});

test('after a rotation and a restart, emulator.clientSecret is the valid secret', async () => {
  const database = file('rotated.db');
  const first = await start({ database, throttleWindowMs: 0 });
  const { clientSecret } = await first.credentials.rotate(first.clientId, { overlapMs: 0 });
  await first.close();
  const second = await start({ database, throttleWindowMs: 0 });
  expect(second.clientSecret).toBe(clientSecret);
  expect((await callToken(second)).status).toBe(200);
  await second.reset();
  expect((await callToken(second)).status).toBe(200);
});

test('after a restart, the clock does not go back', async () => {
  const database = file('clock.db');
  const first = await start({ database });
  await first.clock.advance(60_000);
  await first.close();
  const second = await start({ database });
  expect(second.clock.now().getTime()).toBe(Date.parse(START) + 60_000);
  await second.close();
  const third = await start({ database, clock: '2027-01-01' });
  expect(third.clock.now().toISOString()).toBe('2027-01-01T00:00:00.000Z');
});

test('after a rotation and a killed process, the clock does not go back', async () => {
  const database = file('rotated-clock.db');
  const before = Date.now();
  const first = await startEmulator({ database });
  await first.credentials.rotate(first.clientId, { overlapMs: 0 });
  for (const end of ['', '-wal']) copyFileSync(database + end, file(`killed.db${end}`));
  await first.close();
  const second = await start({ database: file('killed.db'), clock: new Date(0) });
  expect(second.clock.now().getTime()).toBeGreaterThanOrEqual(before);
  await callToken(second, { clientSecret: first.clientSecret });
  expect(await lastReason(second)).toBe('secret_expired');
});

test('a file keeps its first seed; reset applies the last one', async () => {
  const database = file('seed.db');
  const credential = { clientId: 'one', clientSecret: 's', roles: ['reader'] as const };
  const first = await start({ database, seed: { credentials: [credential] } });
  await first.close();
  const second = await start({ database, seed: { credentials: [{ ...credential, clientId: 'two' }] } });
  const ids = async (): Promise<string[]> => (await second.credentials.list()).map(({ clientId }) => clientId);
  expect(await ids()).toEqual(['local-client', 'one']);
  await second.reset();
  expect(await ids()).toEqual(['local-client', 'two']);
  await second.close();
  const third = await start({ database });
  await third.credentials.revoke('two');
  await third.reset();
  expect((await callToken(third, { clientId: 'two', clientSecret: 's' })).status).toBe(200);
});

test('the file contains no secret, password or token', async () => {
  const database = file('secrets.db');
  const emulator = await start({
    database,
    seed: { portalUsers: [{ username: 'u', password: 'swordfish', roles: ['auditor'] }] },
  });
  const { clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
  const token = await obtainToken(emulator);
  const secrets = [clientSecret, token, emulator.clientSecret, emulator.portal.password, 'swordfish'];
  await emulator.close();
  const bytes = readFileSync(database).toString('latin1');
  for (const secret of secrets) expect(bytes).not.toContain(secret);
});

test('only its owner can read the database file and its journal files', async () => {
  const database = file('private.db');
  await start({ database });
  const files = readdirSync(folder).filter((name) => name.startsWith('private.db'));
  expect(files).toContain('private.db-wal');
  for (const name of files) expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
});

test('a second emulator cannot open the file of a running one', async () => {
  const database = file('shared.db');
  const first = await start({ database });
  await expect(start({ database })).rejects.toThrow(/^database: ".*" is locked by another emulator or program; /);
  expect((await callToken(first)).status).toBe(200);
  await first.close();
  await expect(start({ database })).resolves.toBeDefined();
});

test('rejects the database of another program, and does not change it', async () => {
  const database = file('foreign.db');
  const foreign = new DatabaseSync(database);
  foreign.exec('CREATE TABLE diary (entry TEXT)');
  foreign.close();
  const before = readFileSync(database);
  await expect(start({ database })).rejects.toThrow(/^database: ".*" is a SQLite database of another program; /);
  expect(readFileSync(database).equals(before)).toBe(true);
});

test('rejects a file of another version', async () => {
  const database = file('version.db');
  await (await start({ database })).close();
  const other = new DatabaseSync(database);
  other.exec('PRAGMA user_version = 99');
  other.close();
  await expect(start({ database })).rejects.toThrow(/^database: ".*" was written by another version of the emulator; /);
});

test('rejects a file that is not a database, and does not change it', async () => {
  const database = file('text.db');
  writeFileSync(database, 'a diary, not a database, and a long one at that '.repeat(50));
  await expect(start({ database })).rejects.toThrow(/^database: ".*" is not a SQLite database; choose another file$/);
  expect(readFileSync(database, 'utf8')).toMatch(/^a diary/);
});

test.each(['cut off', 'overwritten in the page of a table'])(
  'rejects a file that was %s when it opens it',
  async (damage) => {
    const database = file(`damaged-${damage.length}.db`);
    await (await start({ database })).close();
    if (damage === 'cut off') truncateSync(database, PAGE_BYTES * 3);
    else overwritePage(database, 'tokens');
    await expect(start({ database })).rejects.toThrow(/^database: ".*" is damaged; delete it or choose another file$/);
  },
);

function overwritePage(path: string, table: string): void {
  const database = new DatabaseSync(path);
  const page = Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage']);
  database.close();
  const bytes = readFileSync(path);
  bytes.fill(0x5a, PAGE_BYTES * (page - 1), PAGE_BYTES * page);
  writeFileSync(path, bytes);
}

test('rejects a folder and a missing folder, and accepts an empty file', async () => {
  mkdirSync(file('folder.db'));
  await expect(start({ database: file('folder.db') })).rejects.toThrow(
    /^database: ".*" cannot be opened; check that its folder exists/,
  );
  await expect(start({ database: file('missing/x.db') })).rejects.toThrow(
    /^database: ".*" cannot be opened; check that its folder/,
  );
  writeFileSync(file('empty.db'), '');
  expect((await callToken(await start({ database: file('empty.db') }))).status).toBe(200);
});
