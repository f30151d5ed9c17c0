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

/** The configurable rules of an emulator. */
export interface EmulatorRules {
  readonly tokenTtlSeconds: number;
  readonly throttleWindowMs: number;
  readonly profile: ProfileRules;
}

interface StateParts {
  readonly rules: EmulatorRules;
  readonly clock: EmulatorClock;
  readonly digester: SecretDigester;
  readonly meta: MetaTable;
}

/** The whole state of an emulator. */
export type EmulatorState = Readonly<ReturnType<typeof createEmulatorState>>;

/** Creates the state over an open database. */
export function createEmulatorState(database: DatabaseSync, parts: StateParts) {
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
    /** Removes all rows except those of the meta table. */
    clearTables: () => database.exec(CLEAR_TABLES),
    requestLog: new RequestLog(),
    sessions: new SessionTable(),
    signInDelay: new SignInDelay(),
  };
}

/** Stores the current time, so that the clock does not go back after a restart. */
export function rememberInstant({ meta, clock }: EmulatorState): void {
  meta.write('clock', String(clock.now()));
}
