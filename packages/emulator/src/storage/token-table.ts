import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/** A stored token, without the token itself. */
export interface StoredToken {
  readonly clientId: string;
  readonly realm: string;
  readonly scopes: readonly string[];
  /** Epoch ms. */
  readonly issuedAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** A valid token, with the number by which the portal revokes it. */
export interface LiveToken extends Omit<StoredToken, 'isRevoked'> {
  readonly id: number;
}

/** How many tokens are kept, so that the request log can distinguish expired from unknown ones. */
const REMEMBERED = 20_000;
const CLEAN_EVERY = 1_000;

/** The table of the issued tokens, as digests. */
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

  insert(digest: string, token: Omit<StoredToken, 'isRevoked'>): void {
    const { clientId, realm, scopes, issuedAt, expiresAt } = token;
    const id = Number(
      this.#sql.insert.run(digest, clientId, realm, scopes.join(' '), issuedAt, expiresAt).lastInsertRowid,
    );
    if (id % CLEAN_EVERY === 0) this.#sql.forget.run(id - REMEMBERED, issuedAt);
  }

  /** Finds a token, also one that is no longer valid. */
  find(digest: string): StoredToken | undefined {
    const row = this.#sql.find.get(digest);
    if (row === undefined) return undefined;
    return { ...toToken(row), isRevoked: row['revoked'] === 1 };
  }

  /** At most `limit` of the tokens that are valid at `now` (epoch ms), newest first. */
  listLive(now: number, limit: number): LiveToken[] {
    return this.#sql.listLive.all(now, limit).map((row) => ({ ...toToken(row), id: row['id'] as number }));
  }

  /** The number of tokens that are valid at `now` (epoch ms). */
  countLive(now: number): number {
    return Number(this.#sql.countLive.get(now)?.['count']);
  }

  revokeDigest(digest: string): void {
    this.#sql.revokeDigest.run(digest);
  }

  /** Revokes a token and returns its client id; `undefined` when no such token is valid. */
  revoke(id: number): string | undefined {
    return this.#sql.revoke.get(id)?.['client_id'] as string | undefined;
  }

  /** Revokes every token that is valid at `now` (epoch ms). */
  revokeAll(now: number): void {
    this.#sql.revokeAll.run(now);
  }

  /** Revokes every token of a credential that is valid at `now` (epoch ms). */
  revokeOf(clientId: string, now: number): void {
    this.#sql.revokeOf.run(now, clientId);
  }

  /** Makes every token that is valid at `now` (epoch ms) expire. */
  expireAll(now: number): void {
    this.#sql.expireAll.run(now);
  }
}

// The columns are STRICT, so that their types are known.
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
