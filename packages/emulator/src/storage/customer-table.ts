import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/**
 * An entry of `/customers`. Invented: the vendor documents no resource except `/some-resource`.
 *
 * Further members are kept.
 */
export interface Customer {
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  readonly [member: string]: unknown;
}

/** The table of the customers. Each realm has its own. */
export class CustomerTable {
  readonly #sql;
  // A cache: benchmarks read the same list thousands of times.
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
    this.#listAsJson.set(realm, json);
    return json;
  }

  list(): { readonly realm: string; readonly customer: Customer }[] {
    return this.#sql.all.all().map(({ realm, data }) => ({
      realm: realm as string,
      customer: JSON.parse(data as string) as Customer,
    }));
  }

  insert(realm: string, customer: Customer): void {
    this.#sql.insert.run(realm, customer.id, JSON.stringify(customer));
    this.#listAsJson.delete(realm);
  }

  clearCache(): void {
    this.#listAsJson.clear();
  }
}
