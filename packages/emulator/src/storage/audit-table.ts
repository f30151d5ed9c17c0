import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/** An act, or a refused attempt. */
export interface AuditEntry {
  /** Epoch ms, by the emulator's clock. */
  readonly at: number;
  /** The user, `administration` for the controls over HTTP, or `nobody` for a request without a session. */
  readonly actor: string;
  /** What was done, in words. */
  readonly act: string;
  /** What it was done to: a client id, a user; never anything that only the request knows. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  /** Why it was refused, or what it was changed to. */
  readonly detail: string;
}

/** An entry as it is read again. */
export interface StoredAuditEntry extends AuditEntry {
  readonly id: number;
}

/** How many entries are kept; the oldest make room for the newest. */
const CAPACITY = 10_000;
const CLEAN_EVERY = 100;

/** The stored audit log. */
export class AuditTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      insert: 'INSERT INTO audit (at, actor, act, subject, outcome, detail) VALUES (?, ?, ?, ?, ?, ?)',
      list: 'SELECT id, at, actor, act, subject, outcome, detail FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
      forget: 'DELETE FROM audit WHERE id <= ?',
    });
  }

  /** Appends an entry. */
  add({ at, actor, act, subject, outcome, detail }: AuditEntry): void {
    const id = Number(this.#sql.insert.run(at, actor, act, subject, outcome, detail).lastInsertRowid);
    if (id % CLEAN_EVERY === 0) this.#sql.forget.run(id - CAPACITY);
  }

  /** At most `limit` entries with ids below `before`, newest first. */
  list(limit: number, before = Number.MAX_SAFE_INTEGER): StoredAuditEntry[] {
    return this.#sql.list.all(before, limit).map((row) => ({ ...row }) as unknown as StoredAuditEntry);
  }
}
