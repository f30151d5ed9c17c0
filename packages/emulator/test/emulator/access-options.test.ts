import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';

const start = useEmulators();

const absurd: [options: object, message: RegExp][] = [
  [{ host: '0.0.0.0' }, /^host: is an address that other machines can reach; give an adminToken/],
  [{ host: '::' }, /^host: is an address that other machines can reach/],
  [{ host: 'example.com' }, /^host: must be an IP address or "localhost"/],
  [
    { host: '203.0.113.1', adminToken: 'correct-horse-battery' },
    /^host: 203\.0\.113\.1 is not an address of this machine/,
  ],
  [{ adminToken: 'short' }, /^adminToken: must be at least 16 characters/],
  [{ adminToken: 'correct horse battery' }, /^adminToken: must be/],
  [{ hostNames: 'emulator' }, /^hostNames: must be an array/],
  [{ hostNames: ['emulator:80'] }, /^hostNames\[0\]: must be a host name without a port/],
];
test.each(absurd)('%j: an error that names the option', async (options, message) => {
  await expect(start(options)).rejects.toThrow(message);
});

test('listens on all addresses with an adminToken, and url is loopback', async () => {
  const emulator = await start({ host: '0.0.0.0', adminToken: 'correct-horse-battery' });
  expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${emulator.url}/_emulator/ready`)).status).toBe(401);
});
