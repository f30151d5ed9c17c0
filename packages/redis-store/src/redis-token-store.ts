import { createHash } from 'node:crypto';
import type { ClaimRequest, ClaimResult, StoredToken, StoreKey, TokenStore } from '@instellix/core/store';
import { object, optional, readOptions } from '@instellix/core/store';
import { gateScript } from './gate-script.ts';
import { type RedisConnection, type RunScript, scriptRunnerOf } from './redis-connection.ts';

/** The options of a Redis store. */
export interface RedisTokenStoreOptions {
  /** The prefix of all key names. Clients with the same prefix share tokens. @default 'instellix:' */
  readonly keyPrefix?: string | undefined;
}

/** Without a prefix, the keys could collide with those of other applications. */
const nonEmptyString = optional<string>('a non-empty string', (text) => typeof text === 'string' && text !== '');

/** Changes when another version of this package cannot read the records. Then the versions do not share tokens. */
const format = 'v1:';
const scriptDigest = createHash('sha1').update(gateScript).digest('hex');

/**
 * Creates a store in Redis 6.2 or newer, or Valkey, which several machines share.
 *
 * The connection is yours: connect it, listen to its errors, and close it.
 *
 * @param connection a client, cluster, pool or sentinel of node-redis, or a client or cluster of ioredis, version 5 or 6
 * @throws ConfigurationError when the connection or an option cannot be used
 */
export function redisTokenStore(connection: RedisConnection, options: RedisTokenStoreOptions = {}): TokenStore {
  const validator = object<RedisTokenStoreOptions>({ keyPrefix: nonEmptyString });
  const complete = ({ keyPrefix = 'instellix:' }: RedisTokenStoreOptions, problems: string[]) => {
    const run = scriptRunnerOf(connection);
    if (run) return new RedisTokenStore(run, keyPrefix);
    problems.push(
      'the first argument must be a connection of node-redis or ioredis (version 5 or 6): pass the client itself. REST clients such as @upstash/redis cannot be used.',
    );
    return undefined;
  };
  return readOptions(validator, options, complete, 'redisTokenStore') as TokenStore;
}

class RedisTokenStore implements TokenStore {
  readonly #run: RunScript;
  readonly #keyPrefix: string;

  constructor(run: RunScript, keyPrefix: string) {
    this.#run = run;
    this.#keyPrefix = keyPrefix + format;
  }

  async read(key: StoreKey): Promise<StoredToken | undefined> {
    const [outcome, ...token] = await this.#execute('read', key);
    return outcome === 'found' ? parseToken(token) : undefined;
  }

  async claim(key: StoreKey, request: ClaimRequest): Promise<ClaimResult> {
    const { minIntervalMs, leaseMs, knownFence = 0, minRemainingMs } = request;
    const [outcome, ...rest] = await this.#execute('claim', key, minIntervalMs, leaseMs, knownFence, minRemainingMs);
    if (outcome === 'found') return { outcome, token: parseToken(rest) };
    if (outcome === 'granted') return { outcome, fence: Number(rest[0]) };
    return { outcome: 'wait', waitMs: Number(rest[0]), because: rest[1] === 'held' ? 'held' : 'closed' };
  }

  async commit(key: StoreKey, { ciphertext, remainingMs, fence }: StoredToken): Promise<void> {
    await this.#execute('commit', key, fence, remainingMs, ciphertext);
  }

  async release(key: StoreKey, fence: number, requestSent: boolean): Promise<void> {
    await this.#execute('release', key, fence, requestSent ? 'sent' : 'not sent');
  }

  async remove(key: StoreKey, fence: number): Promise<void> {
    await this.#execute('remove', key, fence);
  }

  /** Takes one round trip; two when Redis does not know the script, which is once after each of its starts. */
  async #execute(operation: string, { gate, token }: StoreKey, ...args: (string | number)[]): Promise<string[]> {
    const key = this.#keyPrefix + gate;
    const texts = [operation, token, ...args.map(String)];
    try {
      const response = await this.#run('digest', scriptDigest, key, texts).catch((error: unknown) => {
        if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
        return this.#run('text', gateScript, key, texts);
      });
      // Strings, or buffers when the connection is configured to return them.
      return (response as unknown[]).map(String);
    } catch (error) {
      throw withCode(error);
    }
  }
}

function parseToken([fence, remainingMs, ciphertext = '']: readonly string[]): StoredToken {
  return { fence: Number(fence), remainingMs: Number(remainingMs), ciphertext };
}

function messageOf(error: unknown): string {
  return String((error as Error | undefined)?.message);
}

/** Errors of the network have a code, and those of Redis begin with one. For the others, both libraries only have sentences. */
function withCode(error: unknown): unknown {
  const message = messageOf(error);
  if ((error as { code?: unknown } | undefined)?.code !== undefined || /^[A-Z]{3,}\b/.test(message)) return error;
  const isDisconnected = /offline|closed|connect|writeable|max retries/i.test(message);
  return isDisconnected ? Object.assign(new Error(message, { cause: error }), { code: 'NOT_CONNECTED' }) : error;
}
