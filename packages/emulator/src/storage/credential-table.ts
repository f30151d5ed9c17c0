import type { DatabaseSync } from 'node:sqlite';
import type { Credential, CredentialKind, CredentialStatus, Role } from './credential.ts';
import { prepare } from './prepare.ts';

const COLUMNS = 'client_id, realm, kind, name, roles, status, created_at, last_issued_at, generation';

/** The table of the credentials, without their secrets. */
export class CredentialTable {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database, {
      find: `SELECT ${COLUMNS} FROM credentials WHERE client_id = ?`,
      all: `SELECT ${COLUMNS} FROM credentials ORDER BY rowid`,
      realm: 'SELECT 1 FROM credentials WHERE realm = ? LIMIT 1',
      insert: `INSERT INTO credentials (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      setStatus: 'UPDATE credentials SET status = ? WHERE client_id = ?',
      setRoles: 'UPDATE credentials SET roles = ? WHERE client_id = ?',
      setGeneration: 'UPDATE credentials SET generation = ? WHERE client_id = ?',
      setIssued: 'UPDATE credentials SET last_issued_at = ? WHERE client_id = ?',
    });
  }

  find(clientId: string): Credential | undefined {
    const row = this.#sql.find.get(clientId);
    return row === undefined ? undefined : toCredential(row);
  }

  list(): Credential[] {
    return this.#sql.all.all().map(toCredential);
  }

  /** Whether a credential of this realm exists, revoked ones included. */
  hasRealm(realm: string): boolean {
    return this.#sql.realm.get(realm) !== undefined;
  }

  insert(credential: Credential): void {
    const { clientId, realm, kind, name, roles, status, createdAt, lastIssuedAt, generation } = credential;
    const owner = [clientId, realm, kind, name ?? null, JSON.stringify(roles)] as const;
    this.#sql.insert.run(...owner, status, createdAt, lastIssuedAt ?? null, generation ?? null);
  }

  setStatus(clientId: string, status: CredentialStatus): void {
    this.#sql.setStatus.run(status, clientId);
  }

  setRoles(clientId: string, roles: readonly Role[]): void {
    this.#sql.setRoles.run(JSON.stringify(roles), clientId);
  }

  /** Stores the number of rotations of a derived secret. */
  setGeneration(clientId: string, generation: number): void {
    this.#sql.setGeneration.run(generation, clientId);
  }

  /** Stores the time of a token response (epoch ms), which starts the throttle. */
  setLastIssuedAt(clientId: string, now: number): void {
    this.#sql.setIssued.run(now, clientId);
  }
}

type Row = Readonly<Record<string, unknown>>;

// The columns are STRICT, so that their types are known.
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
