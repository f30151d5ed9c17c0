import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setup } from './setup.ts';

beforeEach(() => vi.stubEnv('PATH', ''));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('what a machine lacks is said before and after the tests, with what gets it', () => {
  vi.stubEnv('LEAVE_NOTHING_OUT', undefined);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const sayAgain = setup();
  const said = warn.mock.calls.flat().join('\n');
  expect(said).toContain('LEFT OUT: the Redis store on a real server. It needs redis-server.');
  expect(said).toContain('apt-get install redis-server');
  warn.mockClear();
  sayAgain?.();
  expect(warn.mock.calls.flat().join('\n')).toBe(said);
});

test('CI fails instead', () => {
  vi.stubEnv('LEAVE_NOTHING_OUT', '1');
  expect(setup).toThrow('redis-server');
});
