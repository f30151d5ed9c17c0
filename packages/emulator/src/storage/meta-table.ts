import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/** The table of single values, such as the key. */
export class MetaTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      read: 'SELECT value FROM meta WHERE key = ?',
      write: 'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    });
  }

  read(key: string): string | undefined {
    const value = this.#sql.read.get(key)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  write(key: string, value: string): void {
    this.#sql.write.run(key, value);
  }
}
