import type { DatabaseSync } from 'node:sqlite';
import { AuditTable } from '../audit/audit-table.ts';
import type { EmulatorClock } from '../clock/emulator-clock.ts';
import { CredentialTable } from '../credential/credential-table.ts';
import type { SecretDigester } from '../credential/secret-digester.ts';
import { SecretTable } from '../credential/secret-table.ts';
import { CustomerTable } from '../customer/customer-table.ts';
import type { MetaTable } from '../database/meta-table.ts';
import { Transaction } from '../database/transaction.ts';
import { FaultList } from '../fault/fault-list.ts';
import { Journal } from '../journal/journal.ts';
import { PortalUserTable } from '../portal/account/portal-user-table.ts';
import { SessionTable } from '../portal/session/session-table.ts';
import { SignInDelay } from '../portal/sign-in/sign-in-delay.ts';
import type { ProfileRules } from '../profile/profile.ts';
import { TokenTable } from '../token/token-table.ts';

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
  readonly journal: Journal;
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
    journal: new Journal(),
    sessions: new SessionTable(),
    signInDelay: new SignInDelay(),
  };
}
