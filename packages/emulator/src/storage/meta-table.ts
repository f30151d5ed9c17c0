import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Single values that belong to the whole database. */
export class MetaTable {
  readonly #read: StatementSync;
  readonly #write: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare('SELECT value FROM meta WHERE key = ?');
    this.#write = database.prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
  }

  /** The value of `key`, or `undefined` when it was never written. */
  read(key: string): string | undefined {
    const value = this.#read.get(key)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  /** Sets `key` to `value`. */
  write(key: string, value: string): void {
    this.#write.run(key, value);
  }
}
