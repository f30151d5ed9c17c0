import { createClient } from 'redis';
import { describe } from 'vitest';
import { findProgram } from '../../../tools/left-out/needs.ts';
import { fetchedServers } from '../../../tools/redis-servers/fetched-servers.ts';
import { ownProgram, RedisServer, type StartServer } from './redis-server.ts';

/** A kind of server that is installed or downloaded. */
interface KnownServer {
  /** Its own name and version: `Redis 7.0.15`. */
  readonly name: string;
  readonly start: StartServer;
  /** Whether it is the installed one; the others are downloaded. */
  readonly isOwn: boolean;
}

const ownPrograms = findProgram(ownProgram.command) ? [ownProgram] : [];

/** All servers that are available on this machine. */
export const servers: readonly KnownServer[] = await Promise.all(
  [...ownPrograms, ...fetchedServers()].map(async (program) => {
    const start: StartServer = (...settings) => RedisServer.startAs(program, ...settings);
    return { name: await readName(start), start, isOwn: program === ownProgram };
  }),
);

async function readName(start: StartServer): Promise<string> {
  await using server = await start();
  const client = await createClient({ url: server.url }).connect();
  const info = await client.info('server');
  client.destroy();
  // Valkey also has a redis_version: that of the compatible Redis.
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  return valkey ? `Valkey ${valkey}` : `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}`;
}

/** A suite that runs on every available server. The start and the end of the test run list the missing ones. */
export function describeOnEveryServer(
  title: string,
  verify: (start: StartServer, name: string) => void,
  among: readonly KnownServer[] = servers,
): void {
  // Vitest fails for a file without a test. Where no server is installed, the suite is listed as skipped; `.ci/run` accepts none that is.
  if (among.length === 0) describe.skip(title, () => verify(RedisServer.start, 'none'));
  for (const { name, start } of among) describe(`${title}, which is a ${name}`, () => verify(start, name));
}
