import { describe } from 'vitest';
import { findProgram } from '../../../tools/skipped-tests/requirements.ts';
import { RedisServer } from './redis-server.ts';

/** A server that tests may empty. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

/** `REDIS_URLS=redis://127.0.0.1:6401,redis://127.0.0.1:6402`: servers that run already, such as other versions and Valkey. */
const urls = (process.env['REDIS_URLS'] ?? '').split(',').filter(Boolean);

const running = urls.map((url): [string, () => Promise<TestServer>] => [
  new URL(url).host,
  async () => ({ url, [Symbol.asyncDispose]: async () => {} }),
]);

/** A suite that runs on the installed server and on each server of `REDIS_URLS`. The test run lists it as skipped where there is none. */
export function describeOnEachServer(title: string, verify: (start: () => Promise<TestServer>) => void): void {
  const installed: typeof running = findProgram('redis-server') ? [['installed', RedisServer.start]] : [];
  const servers = [...installed, ...running];
  // Vitest fails for a file without a test.
  if (servers.length === 0) describe.skip(title, () => verify(RedisServer.start));
  for (const [name, start] of servers) describe(`${title} (${name})`, () => verify(start));
}
