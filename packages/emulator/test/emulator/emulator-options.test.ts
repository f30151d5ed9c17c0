import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';

const start = useEmulators();

describe('invalid options', () => {
  const absurd: [options: unknown, message: RegExp][] = [
    [null, /^options: must be an object/],
    ['x.db', /^options: must be an object/],
    [
      { ttl: 1 },
      /^options: has an unknown field "ttl"; known fields are port, clock, tokenTtlSeconds, throttleWindowMs, database, seed/,
    ],
    [{ port: '0' }, /^port: must be a whole number from 0 to 65535/],
    [{ port: 65_536 }, /^port: /],
    [{ tokenTtlSeconds: 0 }, /^tokenTtlSeconds: must be a whole number from 1/],
    [{ tokenTtlSeconds: 0.5 }, /^tokenTtlSeconds: /],
    [{ tokenTtlSeconds: Number.NaN }, /^tokenTtlSeconds: /],
    [{ throttleWindowMs: -1 }, /^throttleWindowMs: must be a whole number from 0/],
    [{ throttleWindowMs: Number.POSITIVE_INFINITY }, /^throttleWindowMs: /],
    [{ clock: 'soon' }, /^clock: must be a Date, /],
    [{ database: '' }, /^database: must not be empty/],
    [{ database: 7 }, /^database: must be a string/],
    [{ database: 'file:x?mode=memory' }, /^database: must be the path of a file or ":memory:"/],
    [{ database: 'a\u0000b' }, /^database: must not contain control characters/],
    [{ seed: 1 }, /^seed: must be an object/],
    [{ seed: {}, throttleWindowMs: undefined, port: '1' }, /^port: /],
  ];
  test.each(absurd)('%j: an error that names the option', async (options, message) => {
    await expect(startEmulator(options as never)).rejects.toThrow(message);
  });

  test('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      `port: ${port} is in use by another program; choose another port, or 0 for a free one`,
    );
    server.close();
  });
});

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
