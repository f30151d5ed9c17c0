import type { TokenStore } from '@instellix/core';
import {
  type IoredisConnection,
  type NodeRedisConnection,
  type RedisConnection,
  redisTokenStore,
} from '@instellix/redis-store';

declare const nodeRedis: NodeRedisConnection;
declare const ioredis: IoredisConnection;
export const connections: RedisConnection[] = [nodeRedis, ioredis];
export const stores: TokenStore[] = [redisTokenStore(nodeRedis), redisTokenStore(ioredis, { keyPrefix: 'billing:' })];
// @ts-expect-error: not an option.
redisTokenStore(nodeRedis, { prefix: 'billing:' });
