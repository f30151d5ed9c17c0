import type { DatabaseSync } from 'node:sqlite';
import { AuditTable } from '../storage/audit-table.ts';
import { CredentialTable } from '../storage/credential-table.ts';
import { CustomerTable } from '../storage/customer-table.ts';
import { MetaTable } from '../storage/meta-table.ts';
import { Transaction } from '../storage/open-database.ts';
import { PortalUserTable } from '../storage/portal-user-table.ts';
import { CLEAR_TABLES } from '../storage/schema.ts';
import { SecretTable } from '../storage/secret-table.ts';
import { TokenTable } from '../storage/token-table.ts';
import { EmulatorClock } from './emulator-clock.ts';
import { FaultList } from './fault-list.ts';
import type { ProfileRules } from './profile.ts';
import { RequestLog } from './request-log.ts';
import { DEFAULT_CLIENT_ID } from './schemas.ts';
import { randomSecret, SecretDigester } from './secrets.ts';
import type { CheckedSeed } from './seed.ts';
import { applySeedRows, type SeedRows, toSeedRows } from './seed-rows.ts';
import { SessionTable } from './session.ts';
import { SignInDelay } from './sign-in-delay.ts';

/** What a state is opened with, beside its database. */
export interface StateSettings {
  readonly rules: EmulatorRules;
  readonly frozenAt: number | undefined;
  readonly seed: CheckedSeed | undefined;
}

/** A state that is ready for requests. */
export interface OpenedState {
  readonly state: EmulatorState;
  /** Goes back to the seed. */
  reset(): void;
}

/** Opens the state in a database: seeds a new one, takes an old one as it is. */
export function openState(database: DatabaseSync, settings: StateSettings): OpenedState {
  const meta = new MetaTable(database);
  const digester = new SecretDigester(readKey(meta));
  const clock = new EmulatorClock(settings.frozenAt, readLastInstant(database, meta));
  const state = createEmulatorState(database, { rules: settings.rules, clock, digester, meta });

  const stored = meta.read('seed');
  const rows = chooseRows(settings.seed, stored, digester);
  if (stored === undefined) applySeedRows(state, rows, 0);
  meta.write('seed', JSON.stringify(rows));
  // The emulator's `clientSecret` never changes, so that is what a reset has to make valid again.
  const generation = state.credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0;
  return {
    state,
    reset() {
      applySeedRows(state, rows, generation);
      state.faults.clear();
      state.requestLog.clear();
      state.sessions.clear();
      state.signInDelay.clear();
    },
  };
}

/** Keeps the present instant, so that a restart on the same file does not go back behind it. */
export function rememberInstant({ meta, clock }: EmulatorState): void {
  meta.write('clock', String(clock.now()));
}

function readKey(meta: MetaTable): string {
  const key = meta.read('key') ?? randomSecret();
  meta.write('key', key);
  return key;
}

/** The last instant of which the file bears witness: a killed process could not write down when it ended. */
function readLastInstant(database: DatabaseSync, meta: MetaTable): number {
  const last = database.prepare(
    'SELECT max(at) AS at FROM (SELECT max(issued_at) AS at FROM tokens UNION SELECT max(created_at) FROM secrets ' +
      'UNION SELECT max(at) FROM audit)',
  );
  return Math.max(Number(meta.read('clock') ?? 0), Number(last.get()?.['at'] ?? 0));
}

/** The seed given now counts for `reset()`, even when the database began with another one. */
function chooseRows(given: CheckedSeed | undefined, stored: string | undefined, digester: SecretDigester): SeedRows {
  if (given === undefined && stored !== undefined) return JSON.parse(stored) as SeedRows;
  return toSeedRows(given ?? { credentials: [], portalUsers: [], customers: undefined }, digester);
}

/** The numbers that shape an emulator's rules. */
export interface EmulatorRules {
  readonly tokenTtlSeconds: number;
  readonly throttleWindowMs: number;
  readonly profile: ProfileRules;
}

/** Everything an emulator knows. Rules read and change it; HTTP and the portal only call the rules. */
export interface EmulatorState {
  readonly rules: EmulatorRules;
  readonly clock: EmulatorClock;
  readonly digester: SecretDigester;
  readonly transaction: Transaction;
  readonly meta: MetaTable;
  readonly credentials: CredentialTable;
  readonly secrets: SecretTable;
  readonly tokens: TokenTable;
  readonly customers: CustomerTable;
  readonly portalUsers: PortalUserTable;
  readonly audit: AuditTable;
  readonly faults: FaultList;
  /** Removes all rows but those of the meta table. */
  clearTables(): void;
  readonly requestLog: RequestLog;
  readonly sessions: SessionTable;
  readonly signInDelay: SignInDelay;
}

/** Puts the parts of a state together over one open database. */
export function createEmulatorState(
  database: DatabaseSync,
  parts: Pick<EmulatorState, 'rules' | 'clock' | 'digester' | 'meta'>,
): EmulatorState {
  return {
    ...parts,
    transaction: new Transaction(database),
    credentials: new CredentialTable(database),
    secrets: new SecretTable(database),
    tokens: new TokenTable(database),
    customers: new CustomerTable(database),
    portalUsers: new PortalUserTable(database),
    audit: new AuditTable(database),
    faults: new FaultList(),
    clearTables: () => database.exec(CLEAR_TABLES),
    requestLog: new RequestLog(),
    sessions: new SessionTable(),
    signInDelay: new SignInDelay(),
  };
}
