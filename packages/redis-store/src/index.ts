export type { IoredisConnection, NodeRedisConnection, RedisConnection } from './redis-connection.ts';
export { type RedisTokenStoreOptions, redisTokenStore } from './redis-token-store.ts';
