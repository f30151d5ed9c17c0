/** What the store uses of a client, cluster, pool or sentinel of node-redis 5 and 6. */
export interface NodeRedisConnection {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What the store uses of a client or cluster of ioredis 5 and 6. */
export interface IoredisConnection {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A connection of node-redis or ioredis; it stays its owner's, who also closes it. */
export type RedisConnection = NodeRedisConnection | IoredisConnection;

/** Runs a script that Redis knows by its digest, or the script itself. */
export type RunScript = (by: 'digest' | 'text', script: string, key: string, args: string[]) => Promise<unknown>;

/** Finds out whose connection it is; undefined for something else. */
export function scriptRunnerOf(connection: unknown): RunScript | undefined {
  const given = Object(connection) as Partial<NodeRedisConnection & IoredisConnection>;
  if (typeof given.eval !== 'function') return undefined;
  if (typeof given.evalSha === 'function') {
    const client = given as NodeRedisConnection;
    return (by, script, key, args) =>
      client[by === 'digest' ? 'evalSha' : 'eval'](script, { keys: [key], arguments: args });
  }
  if (typeof given.evalsha === 'function') {
    const client = given as IoredisConnection;
    return (by, script, key, args) => client[by === 'digest' ? 'evalsha' : 'eval'](script, 1, key, ...args);
  }
  return undefined;
}
