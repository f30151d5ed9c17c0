import type { DatabaseSync } from 'node:sqlite';
import { AuditTable } from '../storage/audit-table.ts';
import { CredentialTable } from '../storage/credential-table.ts';
import { CustomerTable } from '../storage/customer-table.ts';
import type { MetaTable } from '../storage/meta-table.ts';
import { Transaction } from '../storage/open-database.ts';
import { PortalUserTable } from '../storage/portal-user-table.ts';
import { CLEAR_TABLES } from '../storage/schema.ts';
import { SecretTable } from '../storage/secret-table.ts';
import { TokenTable } from '../storage/token-table.ts';
import type { EmulatorClock } from './emulator-clock.ts';
import { FaultList } from './fault-list.ts';
import type { ProfileRules } from './profile.ts';
import { RequestLog } from './request-log.ts';
import type { SecretDigester } from './secrets.ts';
import { SessionTable } from './session.ts';
import { SignInDelay } from './sign-in-delay.ts';

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

/** Keeps the present instant, so that a restart on the same file does not go back behind it. */
export function rememberInstant({ meta, clock }: EmulatorState): void {
  meta.write('clock', String(clock.now()));
}
