import type { Credential } from './credential.ts';
import type { AuditEntry, Customer, PortalUser, StoredSecret, StoredToken } from './rows.ts';
import type { Statements } from './statements.ts';

/** The statements of all tables. `now` is epoch ms of the emulator's clock. */
export function createTables(sql: Statements) {
  const findLast = sql.one<[], { at?: number }>(
    'SELECT max(at) AS at FROM (SELECT max(issuedAt) AS at FROM tokens UNION SELECT max(createdAt) FROM secrets ' +
      'UNION SELECT max(at) FROM audit)',
  );
  return {
    /** The time of the last stored event in epoch ms; 0 without one. */
    findLastInstant: () => findLast()?.at ?? 0,
    meta: metaTable(sql),
    credentials: credentialTable(sql),
    secrets: secretTable(sql),
    tokens: tokenTable(sql),
    customers: customerTable(sql),
    portalUsers: portalUserTable(sql),
    audit: auditTable(sql),
  };
}

/** Single values, such as the key. */
function metaTable(sql: Statements) {
  const read = sql.one<[key: string], { value: string }>('SELECT value FROM meta WHERE key = ?');
  return {
    read: (key: string) => read(key)?.value,
    write: sql.run<[key: string, value: string]>('INSERT OR REPLACE INTO meta VALUES (?, ?)'),
  };
}

/** The credentials, without their secrets. */
function credentialTable(sql: Statements) {
  const findRealm = sql.one<[realm: string]>('SELECT 1 FROM credentials WHERE realm = ? LIMIT 1');
  const set = <Name extends keyof Credential>(column: Name) =>
    sql.run<[value: Credential[Name], clientId: string]>(`UPDATE credentials SET ${column} = ? WHERE clientId = ?`);
  return {
    find: sql.one<[clientId: string], Credential>('SELECT * FROM credentials WHERE clientId = ?'),
    list: sql.all<[], Credential>('SELECT * FROM credentials ORDER BY rowid'),
    /** Whether a credential of this realm exists, revoked ones included. */
    hasRealm: (realm: string) => findRealm(realm) !== undefined,
    insert: sql.insert<Credential>('credentials'),
    setStatus: set('status'),
    setRoles: set('roles'),
    setGeneration: set('generation'),
    setLastIssuedAt: set('lastIssuedAt'),
  };
}

/** How many secrets of a credential are kept, so that the request log can distinguish expired from wrong ones. */
const KEPT_SECRETS = 20;

/** The client secrets, as digests. */
function secretTable(sql: Statements) {
  const has = sql.one<[digest: Uint8Array]>('SELECT 1 FROM secrets WHERE digest = ? LIMIT 1');
  const expire = sql.run<[overlapEnd: number, now: number, clientId: string]>(
    'UPDATE secrets SET expiresAt = CASE WHEN expiresAt IS NULL THEN ? ELSE min(expiresAt, ?) END WHERE clientId = ?',
  );
  const insert = sql.insert<StoredSecret & { clientId: string }>('secrets');
  const forget = sql.run<[clientId: string]>(
    `DELETE FROM secrets WHERE id IN
     (SELECT id FROM secrets WHERE clientId = ? ORDER BY id DESC LIMIT -1 OFFSET ${KEPT_SECRETS})`,
  );
  return {
    /** The secrets of a credential, newest first, also expired ones. */
    list: sql.all<[clientId: string], StoredSecret>('SELECT * FROM secrets WHERE clientId = ? ORDER BY id DESC'),
    listValid: sql.all<[clientId: string, now: number], StoredSecret>(
      'SELECT * FROM secrets WHERE clientId = ? AND (expiresAt IS NULL OR expiresAt > ?) ORDER BY id DESC',
    ),
    /** Whether a credential has, or recently had, a secret with this digest. */
    has: (digest: Uint8Array) => has(digest) !== undefined,
    /** Adds a secret. The previous one expires at `overlapEnd` (epoch ms), older ones expire now. */
    add(clientId: string, digest: Uint8Array, now: number, overlapEnd = now): void {
      expire(overlapEnd, now, clientId);
      insert({ clientId, digest, createdAt: now });
      forget(clientId);
    },
  };
}

/** How many tokens are kept, so that the request log can distinguish expired from unknown ones. */
const KEPT_TOKENS = 20_000;

/** The issued tokens, as digests. */
function tokenTable(sql: Statements) {
  const live = 'FROM tokens WHERE isRevoked = 0 AND expiresAt > ?';
  const revoke = 'UPDATE tokens SET isRevoked = 1 WHERE';
  const count = sql.one<[now: number], { count: number }>(`SELECT count(*) AS count ${live}`);
  const forget = sql.run<[id: number, now: number]>(
    'DELETE FROM tokens WHERE id <= ? AND (expiresAt <= ? OR isRevoked = 1)',
  );
  const insert = sql.insert<Omit<StoredToken, 'id'>>('tokens');
  return {
    insert(token: Omit<StoredToken, 'id' | 'isRevoked'>): void {
      const id = insert({ ...token, isRevoked: 0 });
      if (id % 1_000 === 0) forget(id - KEPT_TOKENS, token.issuedAt);
    },
    /** Finds a token, also one that is no longer valid. */
    find: sql.one<[digest: string], StoredToken>('SELECT * FROM tokens WHERE digest = ?'),
    /** The valid tokens, newest first. */
    listLive: sql.all<[now: number, limit: number], StoredToken>(`SELECT * ${live} ORDER BY id DESC LIMIT ?`),
    countLive: (now: number) => count(now)?.count ?? 0,
    /** Revokes a token and returns its client; `undefined` when it was revoked before. */
    revoke: sql.one<[id: number], { clientId: string }>(`${revoke} id = ? AND isRevoked = 0 RETURNING clientId`),
    revokeAll: sql.run<[now: number]>(`${revoke} expiresAt > ?`),
    revokeOf: sql.run<[clientId: string, now: number]>(`${revoke} clientId = ? AND expiresAt > ?`),
    expireAll: sql.run<[now: number]>('UPDATE tokens SET expiresAt = min(expiresAt, ?)'),
  };
}

/** The customers. Each realm has its own. */
function customerTable(sql: Statements) {
  type Row = { readonly realm: string; readonly id: string; readonly data: string };
  const insert = sql.insert<Row>('customers');
  const list = sql.all<[], Row>('SELECT * FROM customers ORDER BY position');
  const join = sql.one<[realm: string], { data?: string }>(
    "SELECT group_concat(data, ',' ORDER BY position) AS data FROM customers WHERE realm = ?",
  );
  return {
    insert: (realm: string, customer: Customer) => insert({ realm, id: customer.id, data: JSON.stringify(customer) }),
    list: () => list().map(({ realm, data }) => ({ realm, customer: JSON.parse(data) as Customer })),
    /** The customers of a realm, oldest first, as a JSON array. */
    listAsJson: (realm: string) => `[${join(realm)?.data ?? ''}]`,
  };
}

function portalUserTable(sql: Statements) {
  const set = <Name extends keyof PortalUser>(column: Name) =>
    sql.run<[value: PortalUser[Name], username: string]>(`UPDATE portalUsers SET ${column} = ? WHERE username = ?`);
  return {
    find: sql.one<[username: string], PortalUser>('SELECT * FROM portalUsers WHERE username = ?'),
    list: sql.all<[], PortalUser>('SELECT * FROM portalUsers ORDER BY rowid'),
    insert: sql.insert<PortalUser>('portalUsers'),
    setRoles: set('roles'),
    setPassword: set('passwordDigest'),
    remove: sql.run<[username: string]>('DELETE FROM portalUsers WHERE username = ?'),
  };
}

/** The audit log, which keeps at least the last `capacity` entries. */
export function auditTable(sql: Statements, capacity = 10_000) {
  const insert = sql.insert<AuditEntry>('audit');
  const forget = sql.run<[id: number]>('DELETE FROM audit WHERE id <= ?');
  return {
    add(entry: AuditEntry): void {
      const id = insert(entry);
      if (id % 100 === 0) forget(id - capacity);
    },
    /** Entries with ids below `before`, newest first. */
    list: sql.all<[before: number, limit: number], AuditEntry & { readonly id: number }>(
      'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?',
    ),
  };
}
