import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A token as the emulator knows it: everything but the token itself. */
export interface StoredToken {
  readonly clientId: string;
  readonly realm: string;
  readonly scopes: readonly string[];
  /** Epoch ms. */
  readonly issuedAt: number;
  /** Epoch ms from which on the token is refused. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** A token that still counts, with the number by which it can be revoked. */
export interface LiveToken extends Omit<StoredToken, 'isRevoked'> {
  readonly id: number;
}

/** Ended tokens are remembered, so that the request log can tell expired from unknown, but not for ever. */
const REMEMBERED = 20_000;
const CLEAN_EVERY = 1_000;

/** The digests of all tokens that were issued. */
export class TokenTable {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #revokeAll: StatementSync;
  readonly #revokeOf: StatementSync;
  readonly #listLive: StatementSync;
  readonly #countLive: StatementSync;
  readonly #revoke: StatementSync;
  readonly #revokeDigest: StatementSync;
  readonly #expireAll: StatementSync;
  readonly #forget: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO tokens (digest, client_id, realm, scope, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#find = database.prepare(
      'SELECT client_id, realm, scope, issued_at, expires_at, revoked FROM tokens WHERE digest = ?',
    );
    this.#revokeAll = database.prepare('UPDATE tokens SET revoked = 1 WHERE expires_at > ?');
    this.#revokeOf = database.prepare('UPDATE tokens SET revoked = 1 WHERE expires_at > ? AND client_id = ?');
    const live = 'FROM tokens WHERE revoked = 0 AND expires_at > ?';
    this.#listLive = database.prepare(
      `SELECT id, client_id, realm, scope, issued_at, expires_at ${live} ORDER BY id DESC LIMIT ?`,
    );
    this.#countLive = database.prepare(`SELECT count(*) AS count ${live}`);
    this.#revoke = database.prepare('UPDATE tokens SET revoked = 1 WHERE id = ? AND revoked = 0 RETURNING client_id');
    this.#revokeDigest = database.prepare('UPDATE tokens SET revoked = 1 WHERE digest = ?');
    this.#expireAll = database.prepare('UPDATE tokens SET expires_at = ?1 WHERE expires_at > ?1');
    this.#forget = database.prepare('DELETE FROM tokens WHERE id <= ? AND (expires_at <= ? OR revoked = 1)');
    this.#clear = database.prepare('DELETE FROM tokens');
  }

  /** Stores a new token under its digest. */
  insert(digest: string, token: Omit<StoredToken, 'isRevoked'>): void {
    const { clientId, realm, scopes, issuedAt, expiresAt } = token;
    const id = Number(this.#insert.run(digest, clientId, realm, scopes.join(' '), issuedAt, expiresAt).lastInsertRowid);
    if (id % CLEAN_EVERY === 0) this.#forget.run(id - REMEMBERED, issuedAt);
  }

  /** The token with this digest, ended or not. */
  find(digest: string): StoredToken | undefined {
    const row = this.#find.get(digest);
    if (row === undefined) return undefined;
    return { ...toToken(row), isRevoked: row['revoked'] === 1 };
  }

  /** At most `limit` of the tokens that count at `now` (epoch ms), newest first. */
  listLive(now: number, limit: number): LiveToken[] {
    return this.#listLive.all(now, limit).map((row) => ({ ...toToken(row), id: row['id'] as number }));
  }

  /** How many tokens count at `now` (epoch ms). */
  countLive(now: number): number {
    return Number(this.#countLive.get(now)?.['count']);
  }

  /** Revokes the token with this digest. */
  revokeDigest(digest: string): void {
    this.#revokeDigest.run(digest);
  }

  /** Revokes one token, and tells whose it was; `undefined` when there is none of this number that is not revoked. */
  revoke(id: number): string | undefined {
    return this.#revoke.get(id)?.['client_id'] as string | undefined;
  }

  /** Revokes every token that has not expired by `now` (epoch ms). */
  revokeAll(now: number): void {
    this.#revokeAll.run(now);
  }

  /** Revokes every token of one credential that has not expired by `now` (epoch ms). */
  revokeOf(clientId: string, now: number): void {
    this.#revokeOf.run(now, clientId);
  }

  /** Ends the lifetime of every token that still has some, at `now` (epoch ms). */
  expireAll(now: number): void {
    this.#expireAll.run(now);
  }

  /** Removes all tokens. */
  clear(): void {
    this.#clear.run();
  }
}

// The columns are STRICT and written by this file alone, so their types are known.
function toToken(row: Readonly<Record<string, unknown>>): Omit<StoredToken, 'isRevoked'> {
  const scope = row['scope'] as string;
  return {
    clientId: row['client_id'] as string,
    realm: row['realm'] as string,
    scopes: scope === '' ? [] : scope.split(' '),
    issuedAt: row['issued_at'] as number,
    expiresAt: row['expires_at'] as number,
  };
}
