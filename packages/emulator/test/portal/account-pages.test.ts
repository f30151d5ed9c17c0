import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { PortalClient, signedIn } from './portal-client.ts';

const start = useEmulators();
const ada = { username: 'ada', password: 'battery staple horse' };
const seed = { portalUsers: [{ ...ada, roles: ['none'] as const }] };
const page = { page: '/portal/account' };

test('changing the password ends every session, and the old password', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const other = await signedIn(emulator, ada);
  const next = 'correct horse battery';
  const response = await client.post('/portal/account/password', { current: ada.password, next }, page);
  expect([response.status, response.headers.get('location')]).toEqual([303, '/portal/sign-in?why=changed']);
  for (const session of [client, other]) expect((await session.get('/portal/account')).status).toBe(303);
  expect(await new PortalClient(emulator).signIn(ada)).toBe(403);
  await signedIn(emulator, { username: 'ada', password: next });
});

test.each([
  ['a wrong current password', 'wrong', 'correct horse battery', 'is wrong; enter your current password'],
  ['an empty new password', ada.password, '', 'must not be empty'],
])('rejects %s, and keeps the password', async (_title, current, next, sentence) => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const { status, text } = await client.post('/portal/account/password', { current, next }, page);
  expect([status, text.includes(sentence)]).toEqual([400, true]);
  await signedIn(emulator, ada);
});

test('accepts a short password', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  await client.post('/portal/account/password', { current: ada.password, next: 'a' }, page);
  await signedIn(emulator, { username: 'ada', password: 'a' });
});

test('limits guesses of the current password', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const guess = (current: string) =>
    client.post('/portal/account/password', { current, next: 'correct horse battery' }, page);
  for (let attempt = 0; attempt < 5; attempt += 1) await guess('wrong');
  expect((await guess(ada.password)).text).toContain('was wrong too often');
});

test('ends all other sessions', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const other = await signedIn(emulator, ada);
  await client.post('/portal/account/sessions', {}, page);
  expect((await other.get('/portal/account')).status).toBe(303);
  expect((await client.get('/portal/account')).text).toContain('One other session was ended');
});
