import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync as Database } from 'node:sqlite';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

// Not an import: where `node:sqlite` is missing, the error of an import would not say what to do.
const sqlite = process.getBuiltinModule?.('node:sqlite');
if (sqlite === undefined) {
  throw new Error(
    `@instellix/emulator requires Node 22.13 or newer (node:sqlite); this is Node ${process.versions.node}; update Node`,
  );
}
const { DatabaseSync } = sqlite;

/**
 * Opens the database of an emulator, and creates the tables of a new one.
 *
 * @throws Error when the file cannot be opened, is damaged, locked or from another program.
 */
export function openDatabase(path: string): Database {
  let database: Database | undefined;
  try {
    if (path !== ':memory:') createPrivately(path);
    database = new DatabaseSync(path, { timeout: 0 });
    // Checked before the first write, so that the database of another program is not changed.
    if (!isNew(database)) checkOrigin(database);
    if (path !== ':memory:') claimFile(database);
    if (isNew(database)) database.exec(`BEGIN IMMEDIATE;${SCHEMA}COMMIT;`);
    return database;
  } catch (cause) {
    database?.close();
    throw new Error(`database: ${JSON.stringify(path)} ${explain(cause)}`, { cause });
  }
}

/** Only the owner may read the key in the file. SQLite gives its journal files the same mode. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch {
    // The file exists, or SQLite fails for the same reason and reports it.
  }
}

/** Locks the file, because two emulators on one file would contradict each other. */
function claimFile(database: Database): void {
  // No waiting for the disk: a killed process loses no data, only a power failure can.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;');
  database.exec('BEGIN IMMEDIATE; COMMIT;');
  const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (verdict !== 'ok') throw new DatabaseError('is damaged; delete it or choose another file');
}

function isNew(database: Database): boolean {
  const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  return tables === 0 && readPragma(database, 'application_id') === 0;
}

function checkOrigin(database: Database): void {
  if (readPragma(database, 'application_id') !== APPLICATION_ID) {
    throw new DatabaseError('is a SQLite database of another program; choose another file');
  }
  if (readPragma(database, 'user_version') !== SCHEMA_VERSION) {
    throw new DatabaseError('was written by another version of the emulator; delete it or choose another file');
  }
}

function readPragma(database: Database, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

class DatabaseError extends Error {}

const SQLITE_EXPLANATIONS: ReadonlyMap<number, string> = new Map([
  [5, 'is locked by another emulator or program; close that one or choose another file'],
  [6, 'is locked by another emulator or program; close that one or choose another file'],
  [8, 'cannot be written; check its permissions or choose another file'],
  [11, 'is damaged; delete it or choose another file'],
  [14, 'cannot be opened; check that its folder exists, and that both are readable and writable'],
  [26, 'is not a SQLite database; choose another file'],
]);

function explain(cause: unknown): string {
  if (cause instanceof DatabaseError) return cause.message;
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined;
  return SQLITE_EXPLANATIONS.get(code ?? -1) ?? 'cannot be used as a database; choose another file';
}
