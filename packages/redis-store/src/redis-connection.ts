/** What the store uses of a client, cluster, pool or sentinel of node-redis 5 and 6. */
export interface NodeRedisConnection {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What the store uses of a client or cluster of ioredis 5 and 6. */
export interface IoredisConnection {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  defineCommand(name: string, definition: { lua: string }): unknown;
}

/** A connection of node-redis or ioredis. Its owner connects and closes it. */
export type RedisConnection = NodeRedisConnection | IoredisConnection;

/** Runs a script, given by its digest or by its text. */
export type RunScript = (by: 'digest' | 'text', script: string, key: string, args: string[]) => Promise<unknown>;

/**
 * Returns how to run scripts on a connection; undefined when it is not one of node-redis or ioredis.
 *
 * REST clients, pipelines, transactions and the callback API of node-redis have `eval`, too, but are not event emitters. node-redis 3,
 * which also uses callbacks, is one, and has no `defineCommand`.
 */
export function scriptRunnerOf(connection: unknown): RunScript | undefined {
  const given = Object(connection) as Partial<NodeRedisConnection & IoredisConnection>;
  const has = (...methods: (keyof typeof given)[]) => methods.every((method) => typeof given[method] === 'function');
  if (has('on', 'eval', 'evalSha')) {
    const client = given as NodeRedisConnection;
    return (by, script, key, args) =>
      client[by === 'digest' ? 'evalSha' : 'eval'](script, { keys: [key], arguments: args });
  }
  if (has('on', 'eval', 'evalsha', 'defineCommand')) {
    const client = given as IoredisConnection;
    return (by, script, key, args) => client[by === 'digest' ? 'evalsha' : 'eval'](script, 1, key, ...args);
  }
  return undefined;
}
