import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readdir, unlink, writeFile } from 'node:fs/promises';
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
}

const none: Generation = { number: 0, content: undefined, lineage: [] };
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
 */
export class GenerationLog {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The state that counts. */
  async latest(): Promise<Generation> {
    for (let look = 0; look < mostLooks; look++) {
      const number = Math.max(0, ...numbersIn(await this.#list()));
      if (number === 0) return none;
      const generation = await this.#load(number);
      // Undefined: replaced and cleaned away since it was listed.
      if (generation) return generation;
    }
    throw new Error(`${this.directory} does not keep still.`);
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
    try {
      await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
      await link(draft, this.#path(number));
    } catch (error) {
      if (isCode(error, 'EEXIST') || (isCode(error, 'ENOENT') && (error as { syscall?: string }).syscall === 'link')) {
        return false;
      }
      throw error;
    } finally {
      await unlinkIfThere(draft);
    }
    return this.#confirm(number, mark, base);
  }

  /**
   * The number was free. For who comes late that says little: it may have been used, replaced and cleaned away. But then
   * a higher one is there, which does not descend from ours.
   */
  async #confirm(number: number, mark: string, base: Generation): Promise<boolean> {
    const names = await this.#list();
    const numbers = numbersIn(names);
    const highest = Math.max(...numbers);
    const counts =
      highest === number
        ? base.number === 0 || numbers.includes(base.number)
        : (await this.latest()).lineage.includes(mark);
    if (!counts) await unlinkIfThere(this.#path(number));
    else if (highest === number) await this.#clean(names, base.number);
    return counts;
  }

  /** Keeps the base, by which latecomers are known; drafts for numbers that are taken are of no use to their makers. */
  async #clean(names: readonly string[], base: number): Promise<void> {
    const isDead = (name: string) => {
      const draftFor = draftName.exec(name)?.[1];
      return draftFor ? Number(draftFor) <= base + 1 : generationName.test(name) && Number(name) < base;
    };
    await Promise.all(names.filter(isDead).map((name) => unlinkIfThere(this.#path(name))));
  }

  /**
   * Puts nothing in the place of `base`, if that still counts: the record is lost, and nothing but an empty file is left.
   *
   * The number stays taken, so that no latecomer can take it for a free one.
   */
  async retire(base: Generation): Promise<void> {
    if (await this.append(base, undefined)) await unlinkIfThere(this.#path(base.number));
  }

  async #list(): Promise<string[]> {
    return readdir(this.directory).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    });
  }

  async #load(number: number): Promise<Generation | undefined> {
    const unreadable = { ...none, number };
    try {
      const handle = await open(this.#path(number), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const found = await handle.stat();
        if (!found.isFile() || !isOurs(found) || found.size > mostBytes) return unreadable;
        return { ...unreadable, ...parse(await handle.readFile('utf8')) };
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      // A link, a socket, a file that we may not read: not one of ours.
      if (isCode(error, 'ELOOP', 'ENXIO', 'EACCES', 'EISDIR')) return unreadable;
      throw error;
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

async function unlinkIfThere(path: string): Promise<void> {
  // What cannot be removed is in nobody's way.
  await unlink(path).catch(() => {});
}
