import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/**
 * An entry of `/customers`. Invented: the vendor's public page names no resource but `/some-resource`.
 *
 * Further members are kept as they were sent.
 */
export interface Customer {
  /** Given by the emulator when a customer is posted. */
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  readonly [member: string]: unknown;
}

/** The stored customers; each realm has its own, as each realm is an instance of one of the vendor's customers. */
export class CustomerTable {
  readonly #sql;
  // A list changes rarely and is read ten thousand times in a benchmark.
  readonly #listAsJson = new Map<string, string>();

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      list: 'SELECT data FROM customers WHERE realm = ? ORDER BY position',
      all: 'SELECT realm, data FROM customers ORDER BY position',
      insert: 'INSERT INTO customers (realm, id, data) VALUES (?, ?, ?)',
    });
  }

  /** The customers of a realm, oldest first, as a JSON array. */
  listAsJson(realm: string): string {
    const known = this.#listAsJson.get(realm);
    if (known !== undefined) return known;
    const json = `[${this.#sql.list
      .all(realm)
      .map((row) => row['data'] as string)
      .join(',')}]`;
    // Only realms of credentials ask, so the map stays as small as their number.
    this.#listAsJson.set(realm, json);
    return json;
  }

  /** The customers of all realms, oldest first. */
  list(): { readonly realm: string; readonly customer: Customer }[] {
    return this.#sql.all.all().map(({ realm, data }) => ({
      realm: realm as string,
      customer: JSON.parse(data as string) as Customer,
    }));
  }

  /** Adds a customer whose id is not taken in this realm. */
  insert(realm: string, customer: Customer): void {
    this.#sql.insert.run(realm, customer.id, JSON.stringify(customer));
    this.#listAsJson.delete(realm);
  }

  /** Forgets what it remembers of the table. */
  forget(): void {
    this.#listAsJson.clear();
  }
}
