import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';

const start = useEmulators();

const absurd: [options: object, message: RegExp][] = [
  [{ host: '0.0.0.0' }, /^host: can be reached from other machines; give adminToken too/],
  [{ host: '::' }, /^host: can be reached from other machines/],
  [{ host: 'example.com' }, /^host: must be an IP address or "localhost"/],
  [
    { host: '203.0.113.1', adminToken: 'correct-horse-battery' },
    /^host: 203\.0\.113\.1 is not an address of this machine/,
  ],
  [{ adminToken: 'short' }, /^adminToken: must be 16 characters or more/],
  [{ adminToken: 'correct horse battery' }, /^adminToken: must be/],
  [{ hostNames: 'emulator' }, /^hostNames: must be an array/],
  [{ hostNames: ['emulator:80'] }, /^hostNames\[0\]: must be a host name, without a port/],
];
test.each(absurd)('%j: one sentence that names the option', async (options, message) => {
  await expect(start(options)).rejects.toThrow(message);
});

test('other machines can be let in, who then need the token; this one finds it at a URL that works', async () => {
  const emulator = await start({ host: '0.0.0.0', adminToken: 'correct-horse-battery' });
  expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${emulator.url}/_emulator/ready`)).status).toBe(401);
});
