import { RedisServer } from '@instellix/testing/servers';
import { describe } from 'vitest';
import { describeWithRedis } from './describe-with-redis.ts';

/** A server that tests may empty. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

/** `REDIS_URLS=redis://127.0.0.1:6401,redis://127.0.0.1:6402`: servers that run already, such as other versions and Valkey. */
const urls = (process.env['REDIS_URLS'] ?? '').split(',').filter(Boolean);

/** A suite that runs on the installed server, as with {@link describeWithRedis}, and on each server of `REDIS_URLS`. */
export function describeOnEachServer(title: string, verify: (start: () => Promise<TestServer>) => void): void {
  describeWithRedis(`${title} (installed)`, () => verify(RedisServer.start));
  for (const url of urls) {
    const server: TestServer = { url, [Symbol.asyncDispose]: async () => {} };
    describe(`${title} (${new URL(url).host})`, () => verify(async () => server));
  }
}
