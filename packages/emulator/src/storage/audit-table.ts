import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/** An action, or a refused attempt. */
export interface AuditEntry {
  /** Epoch ms, by the emulator's clock. */
  readonly at: number;
  /** The user, `administration` for the controls over HTTP, or `anonymous` for a request without a session. */
  readonly actor: string;
  /** The action, in words. */
  readonly act: string;
  /** The client id or user that was changed; never a value that does not exist, because it may be a secret. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  /** The reason of a refusal, or the new value. */
  readonly detail: string;
}

/** A stored entry. */
export interface StoredAuditEntry extends AuditEntry {
  readonly id: number;
}

/** How many entries are kept. */
const CAPACITY = 10_000;
const CLEAN_EVERY = 100;

/** The table of the audit log. */
export class AuditTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      insert: 'INSERT INTO audit (at, actor, act, subject, outcome, detail) VALUES (?, ?, ?, ?, ?, ?)',
      list: 'SELECT id, at, actor, act, subject, outcome, detail FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
      forget: 'DELETE FROM audit WHERE id <= ?',
    });
  }

  add({ at, actor, act, subject, outcome, detail }: AuditEntry): void {
    const id = Number(this.#sql.insert.run(at, actor, act, subject, outcome, detail).lastInsertRowid);
    if (id % CLEAN_EVERY === 0) this.#sql.forget.run(id - CAPACITY);
  }

  /** At most `limit` entries with ids below `before`, newest first. */
  list(limit: number, before = Number.MAX_SAFE_INTEGER): StoredAuditEntry[] {
    return this.#sql.list.all(before, limit).map((row) => ({ ...row }) as unknown as StoredAuditEntry);
  }
}
