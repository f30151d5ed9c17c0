/** Identifies a database of the emulator ("ixem"), so that it never writes to one of another program. */
export const APPLICATION_ID = 0x6978656d;

/** Increase it with every change of the tables. */
export const SCHEMA_VERSION = 4;

/** The tables of an emulator. Secrets, tokens and passwords are stored as digests, lists as JSON. */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE credentials (
  clientId TEXT PRIMARY KEY, realm TEXT NOT NULL, kind TEXT NOT NULL, name TEXT, roles TEXT NOT NULL,
  status TEXT NOT NULL, createdAt INTEGER NOT NULL, lastIssuedAt INTEGER, generation INTEGER
) STRICT;
CREATE INDEX credentials_by_realm ON credentials (realm);
CREATE TABLE secrets (
  id INTEGER PRIMARY KEY AUTOINCREMENT, clientId TEXT NOT NULL, digest BLOB NOT NULL,
  createdAt INTEGER NOT NULL, expiresAt INTEGER
) STRICT;
CREATE INDEX secrets_by_client ON secrets (clientId);
CREATE INDEX secrets_by_digest ON secrets (digest);
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, clientId TEXT NOT NULL, realm TEXT NOT NULL,
  scopes TEXT NOT NULL, issuedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL, isRevoked INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_by_client ON tokens (clientId);
CREATE TABLE customers (
  position INTEGER PRIMARY KEY AUTOINCREMENT, realm TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL,
  UNIQUE (realm, id)
) STRICT;
CREATE TABLE portalUsers (
  username TEXT PRIMARY KEY, passwordDigest BLOB, roles TEXT NOT NULL, createdAt INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,
  subject TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Removes all rows except those of the meta table. */
export const CLEAR_TABLES = ['credentials', 'secrets', 'tokens', 'customers', 'portalUsers', 'audit']
  .map((table) => `DELETE FROM ${table};`)
  .join('');
