import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey, TokenStore } from '@instellix/core';
import { group, optional, readOptions } from '@instellix/core/options';
import { defaultDirectories } from './default-directories.ts';
import {
  type Decision,
  decideClaim,
  decideCommit,
  decideRelease,
  decideRemove,
  findToken,
  type GateRecord,
  readGateRecord,
} from './gate-record.ts';
import { GenerationLog, isCode } from './generation-log.ts';
import { type MachineClock, machineClock } from './machine-clock.ts';
import { ensurePrivateDirectory, ensurePrivateDirectoryAtOnce } from './private-directory.ts';
import { sweep } from './sweep.ts';

/** What a file store can be told. */
export interface FileTokenStoreOptions {
  /**
   * Where the files lie, an absolute path; created for its owner only, together with missing parents. Processes share a
   * token when they share it, and the user. Nothing else may be kept in it.
   *
   * @default `instellix` in `$XDG_RUNTIME_DIR`, else in the user's state directory, else a directory of the user's own in
   * the temporary one
   */
  readonly directory?: string | undefined;
}

/** Processes share the directory from wherever they run. */
const absolutePath = optional<string>('an absolute path', (path) => {
  return typeof path === 'string' && isAbsolute(path) && !path.includes('\0');
});

/** Changes when another version could not understand the files; then the versions do not share. */
const format = 'v1';
/** Each attempt but the last fails because somebody else's has succeeded. */
const mostAttempts = 100;
const sweepEveryMs = 3_600_000;
const mostLogsHeld = 1_000;
/** The place cannot be used by this user, in this container; another place may. */
const unusable = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];

/**
 * Creates a store in a directory, which all processes of a machine and user share, without a server.
 *
 * Processes of several machines share nothing through it, even when they see the same directory; use a Redis store.
 *
 * @throws ConfigurationError when an option cannot be used
 */
export function fileTokenStore(options: FileTokenStoreOptions = {}): TokenStore {
  const rule = group<FileTokenStoreOptions>({ directory: absolutePath });
  return readOptions(
    rule,
    options,
    ({ directory }) => new FileTokenStore(directory === undefined ? defaultDirectories() : [directory], machineClock),
    'fileTokenStore',
  );
}

/** Decides on a gate's record by {@link decideClaim} and its like, and has a {@link GenerationLog} make it true. */
export class FileTokenStore implements TokenStore {
  readonly #directories: readonly string[];
  readonly #clock: MachineClock;
  #root: Promise<string> | undefined;
  readonly #logs = new Map<string, Promise<GenerationLog>>();
  #sweepAt = Number.NEGATIVE_INFINITY;

  /** `directories`: the first that can be used is. */
  constructor(directories: readonly string[], clock: MachineClock) {
    this.#directories = directories;
    this.#clock = clock;
  }

  async read(key: StoreKey): Promise<StoredToken | undefined> {
    return this.#decide(key, (gate, now) => ({ answer: findToken(gate, key, now) }));
  }

  async claim(key: StoreKey, request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#decide(key, (gate, now) => decideClaim(gate, key, request, { now, wallNow: this.#clock.now() }));
  }

  async commit(key: StoreKey, token: StoredToken): Promise<boolean> {
    const calledAt = this.#clock.monotonic();
    return this.#decide(key, (gate, now) => decideCommit(gate, key, token, { now, calledAt }));
  }

  async release(key: StoreKey, fence: number, requestSent: boolean): Promise<void> {
    return this.#decide(key, (gate, now) => decideRelease(gate, fence, requestSent, now));
  }

  async remove(key: StoreKey, fence: number): Promise<void> {
    return this.#decide(key, (gate, now) => decideRemove(gate, key, fence, now));
  }

  async #decide<T>(key: StoreKey, decide: (gate: GateRecord, now: number) => Decision<T>): Promise<T> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      // One turn suffices to see that the disk answers.
      const isReached = attempt > 0 || !this.#logs.has(key.gate);
      const log = await this.#logOf(key.gate);
      const generation = isReached ? log.latestAtOnce() : await log.latest();
      const now = this.#clock.monotonic();
      const { answer, next } = decide(readGateRecord(generation.content, now), now);
      if (!next || (await this.#append(log, generation, next))) return answer;
    }
    throw new Error(`The file store did not get its turn in ${mostAttempts} attempts.`);
  }

  async #append(...[log, base, next]: [GenerationLog, ...Parameters<GenerationLog['append']>]): Promise<boolean> {
    try {
      return await log.append(base, next);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      // Somebody has deleted the directory: lost data.
      this.#root = undefined;
      this.#logs.clear();
      return false;
    }
  }

  #logOf(gate: string): Promise<GenerationLog> {
    let log = this.#logs.get(gate);
    if (!log) {
      if (this.#logs.size >= mostLogsHeld) this.#logs.clear();
      log = this.#openLog(createHash('sha256').update(gate).digest('hex'));
      this.#logs.set(gate, log);
      log.catch(() => this.#logs.delete(gate));
    }
    return log;
  }

  async #openLog(name: string): Promise<GenerationLog> {
    this.#root ??= this.#prepare();
    const root = await this.#root.catch((error) => {
      this.#root = undefined;
      throw error;
    });
    const current = `${format}-${this.#clock.boot}`;
    ensurePrivateDirectoryAtOnce(join(root, current));
    const directory = join(root, current, name);
    if (ensurePrivateDirectoryAtOnce(directory)) this.#sweep(root, current);
    return new GenerationLog(directory);
  }

  async #prepare(): Promise<string> {
    for (const directory of this.#directories.slice(0, -1)) {
      try {
        await ensurePrivateDirectory(directory);
        return directory;
      } catch (error) {
        if (!isCode(error, ...unusable)) throw error;
      }
    }
    const last = this.#directories.at(-1) ?? '';
    await ensurePrivateDirectory(last);
    return last;
  }

  /** Now and then, as new gates come; nobody waits for it, and what it cannot do the next one does. */
  #sweep(root: string, current: string): void {
    const now = this.#clock.monotonic();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + sweepEveryMs;
    sweep(root, current, this.#clock).catch(() => {});
  }
}
