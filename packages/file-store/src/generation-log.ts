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
import { isOurs } from './private-directory.ts';

/** One state of a record. */
export interface Generation {
  /** 0: there is none yet. */
  readonly number: number;
  /** Undefined when there is none, or none that can be read: lost. */
  readonly content: unknown;
  /** The marks of this generation and those before it, the latest first. */
  readonly lineage: readonly string[];
  /** What else lay in the directory. */
  readonly names: readonly string[];
}

const none: Generation = { number: 0, content: undefined, lineage: [], names: [] };
const generationName = /^[1-9]\d{0,14}$/;
const draftName = /^([1-9]\d{0,14})\.[\da-f]+\.tmp$/;
const mostBytes = 2 ** 24;
const mostLooks = 20;
/** Enough for whoever was stopped for a moment; longer, and deciding again is right. */
const longestLineage = 16;

/**
 * A record in a directory, which any number of processes change at once, none of which can be relied on to go on.
 *
 * There is no lock that a dead process could hold. Each state is a file of its own, named by its number, complete before
 * it gets its name, and never changed; the highest number counts. To change the record is to *link* the next number,
 * which only one can. Whoever was stopped half-way, for however long, finds the number taken and decides again.
 *
 * A disk may hang, so whatever reaches it first, to read or to create, is asynchronous. The small rest is not: each step
 * through Node's threads costs two turns for a processor, and when all processes of a machine start at once, turns are what
 * there is too little of.
 */
export class GenerationLog {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The state that counts. */
  async latest(): Promise<Generation> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    });
    return this.#latestOf(names) ?? this.latestAtOnce();
  }

  /** The same in one go, for a directory that has just been reached. */
  latestAtOnce(): Generation {
    for (let look = 0; look < mostLooks; look++) {
      const generation = this.#latestOf(this.#list());
      if (generation) return generation;
    }
    throw new Error(`${this.directory} does not keep still.`);
  }

  /** Undefined: replaced and cleaned away since it was listed. */
  #latestOf(names: readonly string[]): Generation | undefined {
    const number = Math.max(0, ...numbersIn(names));
    if (number === 0) return none;
    const generation = this.#load(number);
    return generation && { ...generation, names };
  }

  /**
   * Makes `content` the state that follows `base`; false when another one does, or the base is gone: decide again.
   *
   * Nothing is flushed to the disk: a machine that loses its power loses records that its next start makes void anyway.
   *
   * @throws Error with code ENOENT when the directory is gone, ENOSPC when the disk is full, and others
   */
  async append(base: Generation, content: unknown): Promise<boolean> {
    const number = base.number + 1;
    const mark = randomBytes(8).toString('hex');
    const lineage = [mark, ...base.lineage].slice(0, longestLineage);
    const draft = this.#path(`${number}.${mark}.tmp`);
    const text = content === undefined ? '' : JSON.stringify({ format: 1, lineage, content });
    const [handle] = await Promise.all([open(draft, 'wx', 0o600), this.#clean(base)]);
    try {
      writeFileSync(handle.fd, text);
      linkSync(draft, this.#path(number));
      return this.#confirm(number, mark, base);
    } catch (error) {
      // Somebody was faster; or has cleaned our draft away, because somebody was; or has deleted everything.
      if (isCode(error, 'EEXIST', 'ENOENT')) return false;
      throw error;
    } finally {
      unlinkIfThere(draft);
      handle.close().catch(() => {});
    }
  }

  /**
   * The number was free. For who comes late that says little: it may have been used, replaced and cleaned away. But then
   * a higher one is there, which does not descend from ours.
   */
  #confirm(number: number, mark: string, base: Generation): boolean {
    const counts = this.#isInForce(number, mark, base);
    if (!counts) unlinkIfThere(this.#path(number));
    return counts;
  }

  #isInForce(number: number, mark: string, base: Generation): boolean {
    const numbers = numbersIn(this.#list());
    if (Math.max(...numbers) === number) return base.number === 0 || numbers.includes(base.number);
    return this.latestAtOnce().lineage.includes(mark);
  }

  /** Keeps the base, by which latecomers are known; drafts for numbers that are taken are of no use to their makers. */
  async #clean({ names, number }: Generation): Promise<void> {
    const isDead = (name: string) => {
      const draftFor = draftName.exec(name)?.[1];
      return draftFor ? Number(draftFor) <= number : generationName.test(name) && Number(name) < number;
    };
    // What cannot be removed is in nobody's way.
    await Promise.all(names.filter(isDead).map((name) => unlink(this.#path(name)).catch(() => {})));
  }

  /**
   * Puts nothing in the place of `base`, if that still counts: the record is lost, and nothing but an empty file is left.
   *
   * The number stays taken, so that no latecomer can take it for a free one.
   */
  async retire(base: Generation): Promise<void> {
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

  #load(number: number): Omit<Generation, 'names'> | undefined {
    const unreadable = { ...none, number };
    let file: number;
    try {
      file = openSync(this.#path(number), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      // A link, a socket, a file that we may not read: not one of ours.
      if (isCode(error, 'ELOOP', 'ENXIO', 'EACCES')) return unreadable;
      throw error;
    }
    try {
      const found = fstatSync(file);
      if (!found.isFile() || !isOurs(found) || found.size > mostBytes) return unreadable;
      return { ...unreadable, ...parse(readFileSync(file, 'utf8')) };
    } finally {
      closeSync(file);
    }
  }

  #path(name: string | number): string {
    return join(this.directory, String(name));
  }
}

/** Whether an error of the file system has one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as { code?: string } | undefined)?.code ?? '');
}

function numbersIn(names: readonly string[]): number[] {
  return names.filter((name) => generationName.test(name)).map(Number);
}

function parse(text: string): Partial<Generation> {
  try {
    const { format, lineage, content } = JSON.parse(text);
    const isOfUs = format === 1 && Array.isArray(lineage) && lineage.every((mark) => typeof mark === 'string');
    return isOfUs ? { lineage, content } : {};
  } catch {
    return {};
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // What cannot be removed is in nobody's way.
  }
}
