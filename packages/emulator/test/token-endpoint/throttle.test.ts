import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { callToken, lastReason, multipartForm } from '../wire/token-call.ts';

const start = useEmulators();

test('rejects a second token request within the window, and accepts one after it', async () => {
  const emulator = await start();
  expect((await callToken(emulator)).status).toBe(200);
  await emulator.clock.advance(4_999);
  expect((await callToken(emulator)).status).toBe(401);
  expect(await lastReason(emulator)).toBe('throttled');
  await emulator.clock.advance(1);
  expect((await callToken(emulator)).status).toBe(200);
});

test('failures neither start nor extend the window', async () => {
  const emulator = await start();
  await callToken(emulator, { clientSecret: 'wrong' });
  await callToken(emulator, { body: multipartForm({ grant_type: 'password' }) });
  expect((await callToken(emulator)).status).toBe(200);
  for (let passed = 0; passed < 5_000; passed += 1_000) {
    await callToken(emulator);
    await callToken(emulator, { clientSecret: 'wrong' });
    await emulator.clock.advance(1_000);
  }
  expect((await callToken(emulator)).status).toBe(200);
});

test('each client has its own window', async () => {
  const emulator = await start();
  const other = await emulator.credentials.create({ roles: ['reader'] });
  expect((await callToken(emulator)).status).toBe(200);
  expect((await callToken(emulator, other)).status).toBe(200);
});

test('a rotated secret shares the window of its client', async () => {
  const emulator = await start();
  await callToken(emulator);
  const { clientSecret } = await emulator.credentials.rotate(emulator.clientId, { overlapMs: 0 });
  await callToken(emulator, { clientSecret });
  expect(await lastReason(emulator)).toBe('throttled');
});

test('of many simultaneous requests, one gets a token', async () => {
  const emulator = await start();
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await callToken(emulator)).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(await emulator.requests.count({ reason: 'throttled' })).toBe(49);
});

test('a window of 0 turns the throttle off', async () => {
  const emulator = await start({ throttleWindowMs: 0 });
  expect((await callToken(emulator)).status).toBe(200);
  expect((await callToken(emulator)).status).toBe(200);
});
