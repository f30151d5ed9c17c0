import { expect, test } from 'vitest';
import { useEmulators } from '../../wire/emulators.ts';
import { PortalClient, signedIn } from '../portal-client.ts';

const start = useEmulators();
const ada = { username: 'ada', password: 'battery staple horse' };
const seed = { portalUsers: [{ ...ada, roles: ['none'] as const }] };
const page = { page: '/portal/account' };

test('a user changes the own password, which ends every session and the old password', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const other = await signedIn(emulator, ada);
  const next = 'correct horse battery';
  const answer = await client.post('/portal/account/password', { current: ada.password, next }, page);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/portal/sign-in?why=changed']);
  for (const session of [client, other]) expect((await session.get('/portal/account')).status).toBe(303);
  expect(await new PortalClient(emulator).signIn(ada)).toBe(403);
  await signedIn(emulator, { username: 'ada', password: next });
});

test.each([
  ['a wrong current one', 'wrong', 'correct horse battery', 'is not the current one'],
  ['none', ada.password, '', 'must not be empty'],
])('%s is refused: the password stays', async (_title, current, next, sentence) => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const { status, text } = await client.post('/portal/account/password', { current, next }, page);
  expect([status, text.includes(sentence)]).toEqual([400, true]);
  await signedIn(emulator, ada);
});

test('a password may be as short as the user likes', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  await client.post('/portal/account/password', { current: ada.password, next: 'a' }, page);
  await signedIn(emulator, { username: 'ada', password: 'a' });
});

test('nobody guesses the current password at leisure in a browser that was left alone', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const guess = (current: string) =>
    client.post('/portal/account/password', { current, next: 'correct horse battery' }, page);
  for (let attempt = 0; attempt < 5; attempt += 1) await guess('wrong');
  expect((await guess(ada.password)).text).toContain('was wrong too often');
});

test('other sessions can be ended, the own one stays', async () => {
  const emulator = await start({ seed });
  const client = await signedIn(emulator, ada);
  const other = await signedIn(emulator, ada);
  await client.post('/portal/account/sessions', {}, page);
  expect((await other.get('/portal/account')).status).toBe(303);
  expect((await client.get('/portal/account')).text).toContain('One other session has ended');
});
