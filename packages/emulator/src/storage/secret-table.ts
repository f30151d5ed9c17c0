import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A stored client secret. */
export interface StoredSecret {
  readonly digest: Uint8Array;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms from which on the secret is refused; `undefined` for the current one. */
  readonly expiresAt: number | undefined;
}

/** How many ended secrets of a credential are remembered, so that the request log can say `secret_expired`. */
const REMEMBERED = 20;

/** The digests of client secrets: those that work and the last ones that did. */
export class SecretTable {
  readonly #list: StatementSync;
  readonly #has: StatementSync;
  readonly #insert: StatementSync;
  readonly #endOverlap: StatementSync;
  readonly #endCurrent: StatementSync;
  readonly #forget: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#list = database.prepare(
      'SELECT digest, created_at, expires_at FROM secrets WHERE client_id = ? ORDER BY id DESC',
    );
    this.#has = database.prepare('SELECT 1 FROM secrets WHERE digest = ? LIMIT 1');
    this.#insert = database.prepare('INSERT INTO secrets (client_id, digest, created_at) VALUES (?, ?, ?)');
    this.#endOverlap = database.prepare('UPDATE secrets SET expires_at = ?1 WHERE client_id = ?2 AND expires_at > ?1');
    this.#endCurrent = database.prepare('UPDATE secrets SET expires_at = ? WHERE client_id = ? AND expires_at IS NULL');
    this.#forget = database.prepare(
      `DELETE FROM secrets WHERE client_id = ?1 AND id NOT IN
       (SELECT id FROM secrets WHERE client_id = ?1 ORDER BY id DESC LIMIT ${REMEMBERED})`,
    );
    this.#clear = database.prepare('DELETE FROM secrets');
  }

  /** The secrets of a credential, newest first, ended ones included. */
  list(clientId: string): StoredSecret[] {
    return this.#list.all(clientId).map((row) => ({
      digest: row['digest'] as Uint8Array,
      createdAt: row['created_at'] as number,
      expiresAt: (row['expires_at'] as number | null) ?? undefined,
    }));
  }

  /** Whether some credential has, or lately had, a secret with this digest. */
  has(digest: Uint8Array): boolean {
    return this.#has.get(digest) !== undefined;
  }

  /** Adds the first secret of a credential. */
  insert(clientId: string, digest: Uint8Array, now: number): void {
    this.#insert.run(clientId, digest, now);
  }

  /** Adds a newer secret; the one before it ends at `overlapEnd`, any older one at once. All in epoch ms. */
  rotate(clientId: string, digest: Uint8Array, now: number, overlapEnd: number): void {
    this.#endOverlap.run(now, clientId);
    this.#endCurrent.run(overlapEnd, clientId);
    this.insert(clientId, digest, now);
    this.#forget.run(clientId);
  }

  /** Removes all secrets. */
  clear(): void {
    this.#clear.run();
  }
}
