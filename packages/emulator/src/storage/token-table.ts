import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

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
  readonly #sql;

  constructor(database: DatabaseSync) {
    const live = 'FROM tokens WHERE revoked = 0 AND expires_at > ?';
    this.#sql = prepare(database, {
      insert: 'INSERT INTO tokens (digest, client_id, realm, scope, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      find: 'SELECT client_id, realm, scope, issued_at, expires_at, revoked FROM tokens WHERE digest = ?',
      revokeAll: 'UPDATE tokens SET revoked = 1 WHERE expires_at > ?',
      revokeOf: 'UPDATE tokens SET revoked = 1 WHERE expires_at > ? AND client_id = ?',
      listLive: `SELECT id, client_id, realm, scope, issued_at, expires_at ${live} ORDER BY id DESC LIMIT ?`,
      countLive: `SELECT count(*) AS count ${live}`,
      revoke: 'UPDATE tokens SET revoked = 1 WHERE id = ? AND revoked = 0 RETURNING client_id',
      revokeDigest: 'UPDATE tokens SET revoked = 1 WHERE digest = ?',
      expireAll: 'UPDATE tokens SET expires_at = ?1 WHERE expires_at > ?1',
      forget: 'DELETE FROM tokens WHERE id <= ? AND (expires_at <= ? OR revoked = 1)',
    });
  }

  /** Stores a new token under its digest. */
  insert(digest: string, token: Omit<StoredToken, 'isRevoked'>): void {
    const { clientId, realm, scopes, issuedAt, expiresAt } = token;
    const id = Number(
      this.#sql.insert.run(digest, clientId, realm, scopes.join(' '), issuedAt, expiresAt).lastInsertRowid,
    );
    if (id % CLEAN_EVERY === 0) this.#sql.forget.run(id - REMEMBERED, issuedAt);
  }

  /** The token with this digest, ended or not. */
  find(digest: string): StoredToken | undefined {
    const row = this.#sql.find.get(digest);
    if (row === undefined) return undefined;
    return { ...toToken(row), isRevoked: row['revoked'] === 1 };
  }

  /** At most `limit` of the tokens that count at `now` (epoch ms), newest first. */
  listLive(now: number, limit: number): LiveToken[] {
    return this.#sql.listLive.all(now, limit).map((row) => ({ ...toToken(row), id: row['id'] as number }));
  }

  /** How many tokens count at `now` (epoch ms). */
  countLive(now: number): number {
    return Number(this.#sql.countLive.get(now)?.['count']);
  }

  /** Revokes the token with this digest. */
  revokeDigest(digest: string): void {
    this.#sql.revokeDigest.run(digest);
  }

  /** Revokes one token, and tells whose it was; `undefined` when there is none of this number that is not revoked. */
  revoke(id: number): string | undefined {
    return this.#sql.revoke.get(id)?.['client_id'] as string | undefined;
  }

  /** Revokes every token that has not expired by `now` (epoch ms). */
  revokeAll(now: number): void {
    this.#sql.revokeAll.run(now);
  }

  /** Revokes every token of one credential that has not expired by `now` (epoch ms). */
  revokeOf(clientId: string, now: number): void {
    this.#sql.revokeOf.run(now, clientId);
  }

  /** Ends the lifetime of every token that still has some, at `now` (epoch ms). */
  expireAll(now: number): void {
    this.#sql.expireAll.run(now);
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
