import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis';
import { Redis as Ioredis5, Cluster as IoredisCluster5 } from 'ioredis-5';
import { createClient, createCluster } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5';
import type { RedisConnection } from '../src/redis-connection.ts';

/** A connection, and how to close it. */
export interface OpenConnection {
  readonly connection: RedisConnection;
  close(): void;
}

type Library = 'node-redis 6' | 'node-redis 5' | 'ioredis 6' | 'ioredis 5';

interface Client {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
}

/** Connects. Later errors reject the calls. */
async function open<T extends Client & RedisConnection>(connection: T, close: () => void): Promise<OpenConnection> {
  connection.on('error', () => {});
  await connection.connect();
  return { connection, close };
}

/** Connects with each supported library. */
export const connectWith: Record<Library, (url: string) => Promise<OpenConnection>> = {
  'node-redis 6': (url) => {
    const client = createClient({ url, disableOfflineQueue: true });
    return open(client, () => client.destroy());
  },
  'node-redis 5': (url) => {
    const client = createClient5({ url, disableOfflineQueue: true });
    return open(client, () => client.destroy());
  },
  'ioredis 6': (url) => {
    const client = new Ioredis(url, { lazyConnect: true, enableOfflineQueue: false });
    return open(client, () => client.disconnect());
  },
  'ioredis 5': (url) => {
    const client = new Ioredis5(url, { lazyConnect: true, enableOfflineQueue: false });
    return open(client, () => client.disconnect());
  },
};

/** Connects to a cluster with each supported library. */
export const connectToCluster: Record<Library, (urls: string[]) => Promise<OpenConnection>> = {
  'node-redis 6': (urls) => {
    const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: { disableOfflineQueue: true } });
    return open(cluster, () => cluster.destroy());
  },
  'node-redis 5': (urls) => {
    const cluster = createCluster5({
      rootNodes: urls.map((url) => ({ url })),
      defaults: { disableOfflineQueue: true },
    });
    return open(cluster, () => cluster.destroy());
  },
  'ioredis 6': (urls) => {
    const cluster = new IoredisCluster(urls, { lazyConnect: true, enableOfflineQueue: false });
    return open(cluster, () => cluster.disconnect());
  },
  'ioredis 5': (urls) => {
    const cluster = new IoredisCluster5(urls, { lazyConnect: true, enableOfflineQueue: false });
    return open(cluster, () => cluster.disconnect());
  },
};
