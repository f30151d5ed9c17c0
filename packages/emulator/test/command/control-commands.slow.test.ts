import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/index.ts';
import { START, useEmulators } from '../wire/emulators.ts';
import { callResource, callToken } from '../wire/token-call.ts';
import { launch, runHere } from './run.ts';

const start = useEmulators();

/** Runs a command that must succeed, and returns its output. */
async function command(emulator: Emulator, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runHere(args, { INSTELLIX_EMULATOR_URL: emulator.url });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

test('creates, rotates, deactivates, reactivates and revokes a credential', async () => {
  const emulator = await start({ throttleWindowMs: 0 });
  const flags = [
    '--role',
    'reader',
    '--role',
    'writer',
    '--realm',
    'acme',
    '--name',
    'Billing',
    '--client-id',
    'billing',
  ];
  const created = JSON.parse(await command(emulator, 'credentials', 'create', ...flags, '--json')) as {
    clientId: string;
    clientSecret: string;
  };
  const status = async (clientSecret: string): Promise<number> =>
    (await callToken(emulator, { realm: 'acme', clientId: 'billing', clientSecret })).status;
  expect(await status(created.clientSecret)).toBe(200);
  const rotated = await command(emulator, 'credentials', 'rotate', 'billing', '--overlap', '5m');
  const [, second = ''] = rotated.match(/^([\w-]{43})\n$/) ?? [];
  await emulator.clock.advance(299_999);
  expect([await status(created.clientSecret), await status(second)]).toEqual([200, 200]);
  await emulator.clock.advance(1);
  expect(await status(created.clientSecret)).toBe(401);
  await command(emulator, 'credentials', 'deactivate', 'billing');
  expect(await status(second)).toBe(401);
  await command(emulator, 'credentials', 'reactivate', 'billing');
  expect(await status(second)).toBe(200);
  await command(emulator, 'credentials', 'revoke', 'billing');
  expect(await status(second)).toBe(401);
  const list = await command(emulator, 'credentials', 'list');
  expect(list).toMatch(/^billing {2}acme {2}api {2}Billing {2}reader\+writer {2}revoked /m);
  expect(list).not.toContain(second);
});

test('reads and advances the clock, adds and removes faults, resets', async () => {
  const emulator = await start();
  expect(await command(emulator, 'clock', 'now')).toBe(`${START}\n`);
  expect(await command(emulator, 'clock', 'advance', '90s')).toBe('2026-01-01T00:01:30.000Z\n');
  const flags = ['--on', 'token', '--nth', '1', '--times', '2', '--status', '503', '--header', 'Retry-After: 1'];
  const id = (await command(emulator, 'faults', 'add', ...flags, '--body', 'x', '--delay', '1')).trim();
  const response = await callToken(emulator);
  expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '1', 'x']);
  const [listed] = JSON.parse(await command(emulator, 'faults', 'list', '--json')) as { id: string; hits: number }[];
  expect(listed).toMatchObject({ id, hits: 1, fault: { on: 'token', times: 2, delayMs: 1 } });
  expect(await command(emulator, 'faults', 'remove', id)).toBe('1\n');
  await command(emulator, 'faults', 'add', '--on', 'GET /customers', '--socket', 'reset');
  await command(emulator, 'faults', 'clear');
  expect((await callResource(emulator, '/customers')).status).toBe(401);
  await command(emulator, 'reset');
  expect(await emulator.requests.count()).toBe(0);
});

test('requests tail prints requests until it is stopped', async () => {
  const emulator = await start();
  await callResource(emulator, '/customers');
  const tail = launch(['requests', 'tail', '--all', '--json', '--url', emulator.url]);
  expect(JSON.parse(await tail.nextLine())).toMatchObject({ endpoint: 'GET /customers', reason: 'no_token' });
  await callToken(emulator);
  expect(JSON.parse(await tail.nextLine())).toMatchObject({ endpoint: 'token', reason: 'issued' });
  tail.child.kill('SIGINT');
  expect(await tail.ended).toMatchObject({ status: 0, stderr: '' });
});

test('an exported seed restores credentials, users and customers, and contains no secret', async () => {
  const portalUsers = [{ username: 'ada', password: 'battery staple horse', roles: ['auditor'] as const }];
  const emulator = await start({ seed: { portalUsers, customers: [{ name: 'Ada', vip: true, realm: 'acme' }] } });
  await emulator.credentials.create({
    roles: ['reader'],
    clientId: 'billing',
    clientSecret: 'swordfish',
    name: 'Billing',
  });
  await emulator.credentials.create({ roles: ['none'], clientId: 'gone' });
  await emulator.credentials.revoke('gone');
  const text = await command(emulator, 'seed', 'export');
  expect(text).not.toMatch(/swordfish|battery|gone/);
  const folder = mkdtempSync(join(tmpdir(), 'instellix-seed-'));
  writeFileSync(join(folder, 'seed.json'), text);
  const second = await start({ seed: join(folder, 'seed.json'), throttleWindowMs: 0 });
  rmSync(folder, { recursive: true });
  expect(await command(second, 'seed', 'export')).toBe(text);
  expect((await callToken(second, { clientId: 'billing', clientSecret: 'swordfish' })).status).toBe(401);
  const { clientSecret } = await second.credentials.rotate('billing', { overlapMs: 0 });
  expect((await callToken(second, { clientId: 'billing', clientSecret })).status).toBe(200);
});

test('an error of the emulator is one line that names the flag or argument, with exit status 1', async () => {
  const emulator = await start();
  const taken = ['credentials', 'create', '--role', 'none', '--client-id', 'local-client', '--url', emulator.url];
  expect(await runHere(taken)).toMatchObject({
    status: 1,
    stderr:
      'instellix-emulator: --client-id: is the id of another credential; choose another one, or leave it out for a random one\n',
  });
  const { status, stderr } = await runHere(['credentials', 'revoke', 'x', '--url', emulator.url]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^instellix-emulator: client-id: no credential has/)]);
});

test('every operation has a command with its arguments as flags', async () => {
  const emulator = await start();
  await callToken(emulator);
  expect(await command(emulator, 'requests', 'count', '--reason', 'issued', '--since', START)).toBe('1\n');
  expect(await command(emulator, 'requests', 'wait-for', '--count', '1', '--timeout', '1s', '--json')).toMatch(/^\[/);
  await command(emulator, 'credentials', 'set-roles', 'local-client', '--role', 'none');
  expect(await emulator.credentials.list()).toMatchObject([{ roles: ['none'] }]);
  expect(await command(emulator, 'tokens', 'revoke-all')).toBe('done\n');
  expect(JSON.parse(await command(emulator, 'describe'))).toMatchObject({ url: emulator.url });
});

test('never sends a command to an https URL', async () => {
  const { status, stderr } = await runHere(['reset'], { INSTELLIX_API_URL: 'https://api.instellix.io' });
  expect([status, stderr]).toEqual([2, expect.stringContaining('the URL of the emulator is missing')]);
});

test('reads the adminToken from the environment', async () => {
  const emulator = await start({ adminToken: 'correct-horse-battery' });
  const token = { INSTELLIX_EMULATOR_TOKEN: 'correct-horse-battery' };
  expect((await runHere(['clock', 'now', '--url', emulator.url], token)).status).toBe(0);
  expect((await runHere(['clock', 'now', '--url', emulator.url])).status).toBe(1);
});
