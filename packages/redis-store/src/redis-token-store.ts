import { createHash } from 'node:crypto';
import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey, TokenStore } from '@instellix/core';
import { group, optional, readOptions } from '@instellix/core/options';
import { gateScript } from './gate-script.ts';
import { type RedisConnection, type RunScript, scriptRunnerOf } from './redis-connection.ts';

/** What a Redis store can be told. */
export interface RedisTokenStoreOptions {
  /** What the names of its keys begin with. Clients share a token when they share it. @default 'instellix:' */
  readonly keyPrefix?: string | undefined;
}

/** Keys without a prefix could not be told from those of others. */
const someText = optional<string>('a text that is not empty', (text) => typeof text === 'string' && text !== '');

/** Changes when another version could not understand what is stored; then the versions do not share. */
const format = 'v1:';
const scriptDigest = createHash('sha1').update(gateScript).digest('hex');

/**
 * Creates a store in Redis 6.2 or newer, or Valkey, which a whole fleet shares.
 *
 * The connection of node-redis or ioredis stays yours: connect it, listen to its errors, close it.
 *
 * @throws ConfigurationError when the connection or an option cannot be used
 */
export function redisTokenStore(connection: RedisConnection, options: RedisTokenStoreOptions = {}): TokenStore {
  const rule = group<RedisTokenStoreOptions>({ keyPrefix: someText });
  const complete = ({ keyPrefix = 'instellix:' }: RedisTokenStoreOptions, problems: string[]) => {
    const run = scriptRunnerOf(connection);
    if (run) return new RedisTokenStore(run, keyPrefix);
    problems.push('the connection must be one of node-redis or ioredis, with the methods eval and evalSha or evalsha.');
    return undefined;
  };
  return readOptions(rule, options, complete, 'redisTokenStore') as TokenStore;
}

class RedisTokenStore implements TokenStore {
  readonly #run: RunScript;
  readonly #keyPrefix: string;

  constructor(run: RunScript, keyPrefix: string) {
    this.#run = run;
    this.#keyPrefix = keyPrefix + format;
  }

  async read(key: StoreKey): Promise<StoredToken | undefined> {
    const [outcome, ...token] = await this.#ask('read', key);
    return outcome === 'found' ? tokenFrom(token) : undefined;
  }

  async claim(key: StoreKey, request: ClaimRequest): Promise<ClaimAnswer> {
    const { minIntervalMs, leaseMs, knownFence = '', minRemainingMs } = request;
    const [outcome, ...rest] = await this.#ask('claim', key, minIntervalMs, leaseMs, knownFence, minRemainingMs);
    if (outcome === 'found') return { outcome, token: tokenFrom(rest) };
    if (outcome === 'granted') return { outcome, fence: Number(rest[0]) };
    return { outcome: 'wait', waitMs: Number(rest[0]), because: rest[1] === 'held' ? 'held' : 'closed' };
  }

  async commit(key: StoreKey, { sealed, remainingMs, fence }: StoredToken): Promise<boolean> {
    const [outcome] = await this.#ask('commit', key, fence, remainingMs, sealed);
    return outcome === 'accepted';
  }

  async release(key: StoreKey, fence: number, requestSent: boolean): Promise<void> {
    await this.#ask('release', key, fence, requestSent ? 'sent' : 'not sent');
  }

  async remove(key: StoreKey, fence: number): Promise<void> {
    await this.#ask('remove', key, fence);
  }

  /** One round trip; two once after each start of Redis, which then does not know the script. */
  async #ask(operation: string, { gate, token }: StoreKey, ...args: (string | number)[]): Promise<string[]> {
    const key = this.#keyPrefix + gate;
    const texts = [operation, token, ...args.map(String)];
    const answer = await this.#run('digest', scriptDigest, key, texts).catch((error: unknown) => {
      if (!String((error as Error | undefined)?.message).startsWith('NOSCRIPT')) throw error;
      return this.#run('text', gateScript, key, texts);
    });
    // Buffers, when the connection is set to answer so.
    return (answer as unknown[]).map(String);
  }
}

function tokenFrom([fence, remainingMs, sealed = '']: readonly string[]): StoredToken {
  return { fence: Number(fence), remainingMs: Number(remainingMs), sealed };
}
