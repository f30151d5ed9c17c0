import { createClient } from 'redis';
import { describe } from 'vitest';
import { findProgram } from '../../../tools/left-out/needs.ts';
import { fetchedServers } from '../../../tools/redis-servers/fetched-servers.ts';
import { ownProgram, RedisServer, type StartServer } from './redis-server.ts';

/** A kind of server that this machine has. */
interface KnownServer {
  /** As it calls itself: `Redis 7.0.15`. */
  readonly name: string;
  readonly start: StartServer;
  /** Whether it is the machine's, of whatever version; the others are fetched. */
  readonly isOwn: boolean;
}

const ownPrograms = findProgram(ownProgram.command) ? [ownProgram] : [];

/** Every server that this machine has. */
export const servers: readonly KnownServer[] = await Promise.all(
  [...ownPrograms, ...fetchedServers()].map(async (program) => {
    const start: StartServer = (...settings) => RedisServer.startAs(program, ...settings);
    return { name: await askName(start), start, isOwn: program === ownProgram };
  }),
);

async function askName(start: StartServer): Promise<string> {
  await using server = await start();
  const client = await createClient({ url: server.url }).connect();
  const info = await client.info('server');
  client.destroy();
  // A Valkey also has a redis_version, that of the Redis whose clients it understands.
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  return valkey ? `Valkey ${valkey}` : `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}`;
}

/** A suite that runs on every server that there is; what is missing is left out, which the run says aloud. */
export function describeOnEveryServer(
  title: string,
  verify: (start: StartServer, name: string) => void,
  among: readonly KnownServer[] = servers,
): void {
  // Listed as skipped, so that a run without any server shows what it has not proved.
  if (among.length === 0) describe.skip(title, () => verify(RedisServer.start, 'none'));
  for (const { name, start } of among) describe(`${title}, which is a ${name}`, () => verify(start, name));
}
