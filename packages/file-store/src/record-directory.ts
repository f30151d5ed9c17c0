import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { UpdateRecord } from '@instellix/core/store';
import { isCode } from './is-code.ts';
import type { MachineClock } from './machine-clock.ts';
import { preparePrivateDirectorySync } from './private-directory.ts';
import { removeExpired } from './remove-expired.ts';
import { type Version, VersionedRecord } from './versioned-record.ts';

/** Changes when another version of this package cannot read the files. Then the versions do not share tokens. */
const format = 'v1';
/** Every attempt but the last fails only because an attempt of another process has succeeded. */
const maxAttempts = 100;
const removeEveryMs = 3_600_000;
const maxOpenRecords = 1_000;

/** The records of all gates: one {@link VersionedRecord} each, in a subdirectory of this start of the machine. */
export class RecordDirectory {
  readonly #prepare: () => Promise<string>;
  readonly #clock: MachineClock;
  #root: Promise<string> | undefined;
  readonly #records = new Map<string, Promise<VersionedRecord>>();
  #removeAt = Number.NEGATIVE_INFINITY;

  /** @param prepare creates or checks the directory, and resolves with its path */
  constructor(prepare: () => Promise<string>, clock: MachineClock) {
    this.#prepare = prepare;
    this.#clock = clock;
  }

  readonly update: UpdateRecord = async (gate, decide) => {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      // A disk that has just responded is read synchronously, which is faster.
      const hasResponded = attempt > 0 || !this.#records.has(gate);
      const record = await this.#open(gate);
      const version = hasResponded ? record.latestSync() : await record.latest();
      const { result, record: next } = decide(version.content);
      if (!next || (await this.#append(record, version, next))) return result;
    }
    const message = `Gave up changing a record after ${maxAttempts} attempts because other processes kept changing it.`;
    throw Object.assign(new Error(message), { code: 'TOO_MANY_CONFLICTS' });
  };

  async #append(record: VersionedRecord, base: Version, next: unknown): Promise<boolean> {
    try {
      return await record.append(base, next);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      // The directory was deleted, and the data with it.
      this.#root = undefined;
      this.#records.clear();
      return false;
    }
  }

  #open(gate: string): Promise<VersionedRecord> {
    let record = this.#records.get(gate);
    if (!record) {
      if (this.#records.size >= maxOpenRecords) this.#records.clear();
      record = this.#create(createHash('sha256').update(gate).digest('hex'));
      this.#records.set(gate, record);
      record.catch(() => this.#records.delete(gate));
    }
    return record;
  }

  async #create(name: string): Promise<VersionedRecord> {
    this.#root ??= this.#prepare();
    const root = await this.#root.catch((error) => {
      this.#root = undefined;
      throw error;
    });
    const current = `${format}-${this.#clock.boot}`;
    preparePrivateDirectorySync(join(root, current));
    const directory = join(root, current, name);
    if (preparePrivateDirectorySync(directory)) this.#removeExpired(root, current);
    return new VersionedRecord(directory);
  }

  /** Runs at most once an hour, when a gate is new. No operation waits for it, and the next run repeats what fails. */
  #removeExpired(root: string, current: string): void {
    const now = this.#clock.monotonic();
    if (now < this.#removeAt) return;
    this.#removeAt = now + removeEveryMs;
    removeExpired(root, current, this.#clock).catch(() => {});
  }
}
