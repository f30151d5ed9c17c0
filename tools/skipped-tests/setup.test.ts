import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setup } from './setup.ts';

beforeEach(() => vi.stubEnv('PATH', ''));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('what a machine lacks is printed before and after the tests, with the command that installs it', () => {
  vi.stubEnv('SKIP_NO_TESTS', undefined);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const teardown = setup();
  const printed = warn.mock.calls.flat().join('\n');
  expect(printed).toContain('SKIPPED: the Redis store on a real server. Requires redis-server.');
  expect(printed).toContain('apt-get install redis-server');
  warn.mockClear();
  teardown?.();
  expect(warn.mock.calls.flat().join('\n')).toBe(printed);
});

test('with SKIP_NO_TESTS, as in CI, the run fails instead', () => {
  vi.stubEnv('SKIP_NO_TESTS', '1');
  expect(setup).toThrow('redis-server');
});
