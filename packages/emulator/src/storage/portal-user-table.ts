import type { DatabaseSync } from 'node:sqlite';
import type { Role } from './credential.ts';
import { prepare } from './prepare.ts';

/** A stored portal user. */
export interface PortalUser {
  readonly username: string;
  /** `null`: no password is valid. */
  readonly passwordDigest: Uint8Array | null;
  readonly roles: readonly Role[];
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The table of the portal users. */
export class PortalUserTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      find: 'SELECT username, password_digest, roles, created_at FROM portal_users WHERE username = ?',
      list: 'SELECT username, password_digest, roles, created_at FROM portal_users ORDER BY rowid',
      insert: 'INSERT INTO portal_users (username, password_digest, roles, created_at) VALUES (?, ?, ?, ?)',
      setRoles: 'UPDATE portal_users SET roles = ? WHERE username = ?',
      setPassword: 'UPDATE portal_users SET password_digest = ? WHERE username = ?',
      remove: 'DELETE FROM portal_users WHERE username = ?',
    });
  }

  find(username: string): PortalUser | undefined {
    const row = this.#sql.find.get(username);
    return row === undefined ? undefined : toPortalUser(row);
  }

  list(): PortalUser[] {
    return this.#sql.list.all().map(toPortalUser);
  }

  insert(user: PortalUser): void {
    this.#sql.insert.run(user.username, user.passwordDigest, JSON.stringify(user.roles), user.createdAt);
  }

  setRoles(username: string, roles: readonly Role[]): void {
    this.#sql.setRoles.run(JSON.stringify(roles), username);
  }

  setPassword(username: string, passwordDigest: Uint8Array): void {
    this.#sql.setPassword.run(passwordDigest, username);
  }

  remove(username: string): void {
    this.#sql.remove.run(username);
  }
}

// The columns are STRICT, so that their types are known.
function toPortalUser(row: Readonly<Record<string, unknown>>): PortalUser {
  return {
    username: row['username'] as string,
    passwordDigest: row['password_digest'] as Uint8Array | null,
    roles: JSON.parse(row['roles'] as string) as Role[],
    createdAt: row['created_at'] as number,
  };
}
