import type { DatabaseSync } from 'node:sqlite';
import { prepare } from './prepare.ts';

/** A stored client secret. */
export interface StoredSecret {
  readonly digest: Uint8Array;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The end of its validity in epoch ms; `undefined` for the current secret. */
  readonly expiresAt: number | undefined;
}

/** Whether a secret is valid at this instant (epoch ms): it is the current one, or its overlap has not ended. */
export function isValidSecret({ expiresAt }: Pick<StoredSecret, 'expiresAt'>, now: number): boolean {
  return expiresAt === undefined || now < expiresAt;
}

/** How many secrets of a credential are kept, so that the request log can distinguish expired from wrong ones. */
const REMEMBERED = 20;

/** The table of the client secrets, as digests. */
export class SecretTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      list: 'SELECT digest, created_at, expires_at FROM secrets WHERE client_id = ? ORDER BY id DESC',
      has: 'SELECT 1 FROM secrets WHERE digest = ? LIMIT 1',
      insert: 'INSERT INTO secrets (client_id, digest, created_at) VALUES (?, ?, ?)',
      endOverlap: 'UPDATE secrets SET expires_at = ?1 WHERE client_id = ?2 AND expires_at > ?1',
      endCurrent: 'UPDATE secrets SET expires_at = ? WHERE client_id = ? AND expires_at IS NULL',
      forget: `DELETE FROM secrets WHERE client_id = ?1 AND id NOT IN
       (SELECT id FROM secrets WHERE client_id = ?1 ORDER BY id DESC LIMIT ${REMEMBERED})`,
    });
  }

  /** The secrets of a credential, newest first, also expired ones. */
  list(clientId: string): StoredSecret[] {
    return this.#sql.list.all(clientId).map((row) => ({
      digest: row['digest'] as Uint8Array,
      createdAt: row['created_at'] as number,
      expiresAt: (row['expires_at'] as number | null) ?? undefined,
    }));
  }

  /** The valid secrets of a credential at this instant (epoch ms), newest first. */
  listValid(clientId: string, now: number): StoredSecret[] {
    return this.list(clientId).filter((secret) => isValidSecret(secret, now));
  }

  /** Whether a credential has, or recently had, a secret with this digest. */
  has(digest: Uint8Array): boolean {
    return this.#sql.has.get(digest) !== undefined;
  }

  insert(clientId: string, digest: Uint8Array, now: number): void {
    this.#sql.insert.run(clientId, digest, now);
  }

  /** Adds a secret. The previous one expires at `overlapEnd`, older ones expire now. All times are epoch ms. */
  rotate(clientId: string, digest: Uint8Array, now: number, overlapEnd: number): void {
    this.#sql.endOverlap.run(now, clientId);
    this.#sql.endCurrent.run(overlapEnd, clientId);
    this.insert(clientId, digest, now);
    this.#sql.forget.run(clientId);
  }
}
