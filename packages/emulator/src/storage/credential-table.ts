import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Credential, CredentialKind, CredentialStatus, Role } from './credential.ts';

const COLUMNS = 'client_id, realm, kind, name, roles, status, created_at, last_issued_at, generation';

/** The stored credentials, without their secrets. */
export class CredentialTable {
  readonly #find: StatementSync;
  readonly #all: StatementSync;
  readonly #realm: StatementSync;
  readonly #insert: StatementSync;
  readonly #setStatus: StatementSync;
  readonly #setRoles: StatementSync;
  readonly #setGeneration: StatementSync;
  readonly #setIssued: StatementSync;
  readonly #clear: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`SELECT ${COLUMNS} FROM credentials WHERE client_id = ?`);
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM credentials ORDER BY rowid`);
    this.#realm = database.prepare('SELECT 1 FROM credentials WHERE realm = ? LIMIT 1');
    this.#insert = database.prepare(`INSERT INTO credentials (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#setStatus = database.prepare('UPDATE credentials SET status = ? WHERE client_id = ?');
    this.#setRoles = database.prepare('UPDATE credentials SET roles = ? WHERE client_id = ?');
    this.#setGeneration = database.prepare('UPDATE credentials SET generation = ? WHERE client_id = ?');
    this.#setIssued = database.prepare('UPDATE credentials SET last_issued_at = ? WHERE client_id = ?');
    this.#clear = database.prepare('DELETE FROM credentials');
  }

  /** The credential with this client id. */
  find(clientId: string): Credential | undefined {
    const row = this.#find.get(clientId);
    return row === undefined ? undefined : toCredential(row);
  }

  /** All credentials, oldest first. */
  list(): Credential[] {
    return this.#all.all().map(toCredential);
  }

  /** Whether any credential was ever created in this realm. */
  hasRealm(realm: string): boolean {
    return this.#realm.get(realm) !== undefined;
  }

  /** Adds a credential whose client id is not taken. */
  insert(credential: Credential): void {
    const { clientId, realm, kind, name, roles, status, createdAt, lastIssuedAt, generation } = credential;
    const roleList = JSON.stringify(roles);
    this.#insert.run(
      clientId,
      realm,
      kind,
      name ?? null,
      roleList,
      status,
      createdAt,
      lastIssuedAt ?? null,
      generation ?? null,
    );
  }

  /** Changes where the credential stands. */
  setStatus(clientId: string, status: CredentialStatus): void {
    this.#setStatus.run(status, clientId);
  }

  /** Replaces the roles of the credential. */
  setRoles(clientId: string, roles: readonly Role[]): void {
    this.#setRoles.run(JSON.stringify(roles), clientId);
  }

  /** Counts a rotation of a derived secret. */
  setGeneration(clientId: string, generation: number): void {
    this.#setGeneration.run(generation, clientId);
  }

  /** Starts the throttle: a token was issued at `now` (epoch ms). */
  setLastIssuedAt(clientId: string, now: number): void {
    this.#setIssued.run(now, clientId);
  }

  /** Removes all credentials. */
  clear(): void {
    this.#clear.run();
  }
}

type Row = Readonly<Record<string, unknown>>;

// The columns are STRICT and written by this file alone, so their types are known.
function toCredential(row: Row): Credential {
  return {
    clientId: row['client_id'] as string,
    realm: row['realm'] as string,
    kind: row['kind'] as CredentialKind,
    name: (row['name'] as string | null) ?? undefined,
    roles: JSON.parse(row['roles'] as string) as Role[],
    status: row['status'] as CredentialStatus,
    createdAt: row['created_at'] as number,
    lastIssuedAt: (row['last_issued_at'] as number | null) ?? undefined,
    generation: (row['generation'] as number | null) ?? undefined,
  };
}
