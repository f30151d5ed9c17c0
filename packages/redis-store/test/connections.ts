import { Redis as Ioredis } from 'ioredis';
import { Redis as Ioredis5 } from 'ioredis-5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import type { RedisConnection } from '../src/redis-connection.ts';

/** A connection, and how its owner closes it. */
export interface OpenConnection {
  readonly connection: RedisConnection;
  close(): void;
}

type Connect = (url: string) => Promise<OpenConnection>;

/** Each library that users may have, as they would connect with it. */
export const connectWith: Record<'node-redis 6' | 'node-redis 5' | 'ioredis 6' | 'ioredis 5', Connect> = {
  async 'node-redis 6'(url) {
    const client = createClient({ url, disableOfflineQueue: true });
    client.on('error', () => {});
    await client.connect();
    return { connection: client, close: () => client.destroy() };
  },
  async 'node-redis 5'(url) {
    const client = createClient5({ url, disableOfflineQueue: true });
    client.on('error', () => {});
    await client.connect();
    return { connection: client, close: () => client.destroy() };
  },
  async 'ioredis 6'(url) {
    const client = new Ioredis(url, { lazyConnect: true, enableOfflineQueue: false });
    client.on('error', () => {});
    await client.connect();
    return { connection: client, close: () => client.disconnect() };
  },
  async 'ioredis 5'(url) {
    const client = new Ioredis5(url, { lazyConnect: true, enableOfflineQueue: false });
    client.on('error', () => {});
    await client.connect();
    return { connection: client, close: () => client.disconnect() };
  },
};
