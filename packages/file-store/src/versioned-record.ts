import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './is-code.ts';
import { isOurs } from './private-directory.ts';

/** One version of a record. */
export interface Version {
  /** 0 when there is none yet. */
  readonly number: number;
  /** Undefined when there is none, or when it cannot be read and is lost. */
  readonly content: unknown;
  /** The writer ids of this version and those before it, the latest first. */
  readonly ancestors: readonly string[];
  /** All names in the directory. */
  readonly names: readonly string[];
}

const none: Version = { number: 0, content: undefined, ancestors: [], names: [] };
const versionName = /^[1-9]\d{0,14}$/;
const draftName = /^([1-9]\d{0,14})\.[\da-f]+\.tmp$/;
const maxBytes = 2 ** 24;
const maxReads = 20;
/** A process that was stopped while others wrote more versions than this decides again. */
const maxAncestors = 16;

/**
 * A record in a directory, which any number of processes can change at the same time, and each of which can be killed at any time.
 *
 * There is no lock that a killed process could keep. Each version is a file, whose name is its number. A file is complete before it gets
 * this name, and is never changed. The highest number counts. To write a version, a process creates a hard link with the next number,
 * which only one process can do. A process that was stopped before that finds the number taken, and decides again.
 *
 * The first access to the disk is asynchronous, because a disk may hang. The rest is synchronous: each asynchronous call needs two more
 * thread switches, which are slow when all processes of a machine start at the same time.
 */
export class VersionedRecord {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Reads the latest version. */
  async latest(): Promise<Version> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    });
    return this.#latestOf(names) ?? this.latestSync();
  }

  /** The same for a directory that has just responded. */
  latestSync(): Version {
    for (let attempt = 0; attempt < maxReads; attempt++) {
      const version = this.#latestOf(this.#list());
      if (version) return version;
    }
    const attempts = `${maxReads} attempts because other processes kept changing it`;
    const error = new Error(`Gave up reading ${this.directory} after ${attempts}.`);
    throw Object.assign(error, { code: 'TOO_MANY_CONFLICTS' });
  }

  /** Undefined when the version was replaced and removed after it was listed. */
  #latestOf(names: readonly string[]): Version | undefined {
    const number = Math.max(0, ...numbersIn(names));
    if (number === 0) return none;
    const version = this.#load(number);
    return version && { ...version, names };
  }

  /**
   * Writes the version that follows `base`. Returns false when another process has written it, or `base` is gone; then decide again.
   *
   * Nothing is flushed to the disk: when the machine loses its power, records may be lost.
   *
   * @throws Error with code ENOENT when the directory is gone, ENOSPC when the disk is full, and others
   */
  async append(base: Version, content: unknown): Promise<boolean> {
    const number = base.number + 1;
    const writerId = randomBytes(8).toString('hex');
    const ancestors = [writerId, ...base.ancestors].slice(0, maxAncestors);
    const draft = this.#path(`${number}.${writerId}.tmp`);
    const text = content === undefined ? '' : JSON.stringify({ format: 1, ancestors, content });
    const [handle] = await Promise.all([open(draft, 'wx', 0o600), this.#clean(base)]);
    try {
      writeFileSync(handle.fd, text);
      linkSync(draft, this.#path(number));
      const counts = this.#isCurrent(number, writerId, base);
      if (!counts) unlinkIfThere(this.#path(number));
      return counts;
    } catch (error) {
      // Another process was faster, or has removed our draft because one was, or has deleted the directory.
      if (isCode(error, 'EEXIST', 'ENOENT')) return false;
      throw error;
    } finally {
      unlinkIfThere(draft);
      handle.close().catch(() => {});
    }
  }

  /**
   * Returns whether our version is in use. The number was free, but other processes may have used it, replaced it and removed it while this
   * one was stopped. Then there is a higher number that does not descend from ours.
   */
  #isCurrent(number: number, writerId: string, base: Version): boolean {
    const numbers = numbersIn(this.#list());
    if (Math.max(...numbers) === number) return base.number === 0 || numbers.includes(base.number);
    return this.latestSync().ancestors.includes(writerId);
  }

  /** Removes older versions than `base`, and drafts that can no longer be linked. `base` stays, because `#isCurrent` looks for it. */
  async #clean({ names, number }: Version): Promise<void> {
    const isDead = (name: string) => {
      const draftFor = draftName.exec(name)?.[1];
      return draftFor ? Number(draftFor) <= number : versionName.test(name) && Number(name) < number;
    };
    // What cannot be removed does no harm.
    await Promise.all(names.filter(isDead).map((name) => unlink(this.#path(name)).catch(() => {})));
  }

  /**
   * Replaces `base` with an empty file, if it is still the latest version.
   *
   * The number stays taken, so that a process that was stopped cannot use it.
   */
  async retire(base: Version): Promise<void> {
    if (await this.append(base, undefined)) unlinkIfThere(this.#path(base.number));
  }

  #list(): string[] {
    try {
      return readdirSync(this.directory);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #load(number: number): Omit<Version, 'names'> | undefined {
    const unreadable = { ...none, number };
    let file: number;
    try {
      file = openSync(this.#path(number), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      // A link, a socket or a file that we may not read is not one of ours.
      if (isCode(error, 'ELOOP', 'ENXIO', 'EACCES')) return unreadable;
      throw error;
    }
    try {
      const found = fstatSync(file);
      if (!found.isFile() || !isOurs(found) || found.size > maxBytes) return unreadable;
      return { ...unreadable, ...parse(readFileSync(file, 'utf8')) };
    } finally {
      closeSync(file);
    }
  }

  #path(name: string | number): string {
    return join(this.directory, String(name));
  }
}

function numbersIn(names: readonly string[]): number[] {
  return names.filter((name) => versionName.test(name)).map(Number);
}

function parse(text: string): Partial<Version> {
  try {
    const { format, ancestors, content } = JSON.parse(text);
    const isOurFormat = format === 1 && Array.isArray(ancestors) && ancestors.every((id) => typeof id === 'string');
    return isOurFormat ? { ancestors, content } : {};
  } catch {
    return {};
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // What cannot be removed does no harm.
  }
}
