import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync as Database } from 'node:sqlite';
import { prepare } from './prepare.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { DatabaseSync } from './sqlite.ts';

/**
 * Opens the database of an emulator and creates its tables when it is new.
 *
 * @throws Error, one clear sentence, when the file cannot be opened, is damaged, locked or from another program.
 */
export function openDatabase(path: string): Database {
  let database: Database | undefined;
  try {
    if (path !== ':memory:') createPrivately(path);
    database = new DatabaseSync(path, { timeout: 0 });
    // A database of another program must be recognised before the first write to it.
    if (!isNew(database)) checkOrigin(database);
    if (path !== ':memory:') claimFile(database);
    if (isNew(database)) database.exec(`BEGIN IMMEDIATE;${SCHEMA}COMMIT;`);
    return database;
  } catch (cause) {
    close(database);
    throw new Error(`database: ${JSON.stringify(path)} ${explain(cause)}`, { cause });
  }
}

/** SQLite gives its journal files the mode of the database file, so that the key in it stays with its owner. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch {
    // The file exists, or SQLite fails to open it for the same reason, which is then reported.
  }
}

/** Takes the file for this emulator alone: two emulators on one file would each be right and disagree. */
function claimFile(database: Database): void {
  // Without waiting for the disk: a killed process loses nothing that way, only a machine that loses its power can.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;');
  database.exec('BEGIN IMMEDIATE; COMMIT;');
  const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (verdict !== 'ok') throw new DatabaseError('is damaged; delete it or choose another');
}

function isNew(database: Database): boolean {
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  return tables === 0 && readPragma(database, 'application_id') === 0;
}

function checkOrigin(database: Database): void {
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw new DatabaseError('is a SQLite database, but not one of the emulator; choose another file');
  }
  if (readPragma(database, 'user_version') !== SCHEMA_VERSION) {
    throw new DatabaseError('was written by another version of the emulator; delete it or choose another');
  }
}

function readPragma(database: Database, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

class DatabaseError extends Error {}

const SQLITE_EXPLANATIONS: ReadonlyMap<number, string> = new Map([
  [5, 'is locked, another emulator or program uses it; close that one or choose another file'],
  [6, 'is locked, another emulator or program uses it; close that one or choose another file'],
  [8, 'cannot be written; check its permissions or choose another'],
  [11, 'is damaged; delete it or choose another'],
  [14, 'cannot be opened; its folder must exist, and both must be readable and writable'],
  [26, 'is not a SQLite database; choose another file'],
]);

function explain(cause: unknown): string {
  if (cause instanceof DatabaseError) return cause.message;
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined;
  return SQLITE_EXPLANATIONS.get(code ?? -1) ?? 'cannot be used as a database; choose another';
}

function close(database: Database | undefined): void {
  try {
    database?.close();
  } catch {
    // Half-opened: the first problem is the one to report.
  }
}

/** Runs several writes as one: all of them happen, or none does. */
export class Transaction {
  readonly #sql;

  constructor(database: Database) {
    this.#sql = prepare(database, {
      begin: 'BEGIN IMMEDIATE',
      commit: 'COMMIT',
      rollback: 'ROLLBACK',
    });
  }

  /** Runs `work`, which must not wait for anything, and returns what it returns. */
  run<Result>(work: () => Result): Result {
    this.#sql.begin.run();
    try {
      const result = work();
      this.#sql.commit.run();
      return result;
    } catch (error) {
      this.#sql.rollback.run();
      throw error;
    }
  }
}
