import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis';
import { Redis as Ioredis5, Cluster as IoredisCluster5 } from 'ioredis-5';
import { createClient, createCluster } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5';
import type { RedisConnection } from '../src/redis-connection.ts';

/** A connection, and how its owner closes it. */
export interface OpenConnection {
  readonly connection: RedisConnection;
  close(): void;
}

type Library = 'node-redis 6' | 'node-redis 5' | 'ioredis 6' | 'ioredis 5';

/** Each library that users may have, as they would connect with it. */
export const connectWith: Record<Library, (url: string) => Promise<OpenConnection>> = {
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

/** The same for a cluster, of which some nodes are known. */
export const connectToCluster: Record<Library, (urls: string[]) => Promise<OpenConnection>> = {
  async 'node-redis 6'(urls) {
    const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: { disableOfflineQueue: true } });
    cluster.on('error', () => {});
    await cluster.connect();
    return { connection: cluster, close: () => cluster.destroy() };
  },
  async 'node-redis 5'(urls) {
    const cluster = createCluster5({
      rootNodes: urls.map((url) => ({ url })),
      defaults: { disableOfflineQueue: true },
    });
    cluster.on('error', () => {});
    await cluster.connect();
    return { connection: cluster, close: () => cluster.destroy() };
  },
  async 'ioredis 6'(urls) {
    const cluster = new IoredisCluster(urls, { lazyConnect: true, enableOfflineQueue: false });
    cluster.on('error', () => {});
    await cluster.connect();
    return { connection: cluster, close: () => cluster.disconnect() };
  },
  async 'ioredis 5'(urls) {
    const cluster = new IoredisCluster5(urls, { lazyConnect: true, enableOfflineQueue: false });
    cluster.on('error', () => {});
    await cluster.connect();
    return { connection: cluster, close: () => cluster.disconnect() };
  },
};
