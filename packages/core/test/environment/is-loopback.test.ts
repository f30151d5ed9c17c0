import { expect, it } from 'vitest';
import { isLoopback } from '../../src/environment/is-loopback.ts';

const hostOf = (url: string) => new URL(url).hostname;

it.each([
  'http://localhost:8080',
  'http://LOCALHOST',
  'http://emulator.localhost',
  'http://127.0.0.1:1',
  'http://127.255.255.254',
  'http://127.1',
  'http://2130706433',
  'http://[::1]:8080',
  'http://[0:0:0:0:0:0:0:1]',
])('lets developers reach %s without TLS', (url) => {
  expect(isLoopback(hostOf(url))).toBe(true);
});

it.each([
  'http://localhost.example.com',
  'http://notlocalhost',
  'http://127.0.0.1.example.com',
  'http://127.example.com',
  'http://128.0.0.1',
  'http://0.0.0.0',
  'http://[::]',
  'http://[::1:1]',
  'http://[::ffff:127.0.0.1]',
  'http://10.0.0.1',
  'http://localhost.',
])('sends no secret in the clear to %s', (url) => {
  expect(isLoopback(hostOf(url))).toBe(false);
});
