import type { DatabaseSync } from 'node:sqlite';
import { AuditTable } from '../storage/audit-table.ts';
import { CredentialTable } from '../storage/credential-table.ts';
import { CustomerTable } from '../storage/customer-table.ts';
import type { MetaTable } from '../storage/meta-table.ts';
import { PortalUserTable } from '../storage/portal-user-table.ts';
import { SecretTable } from '../storage/secret-table.ts';
import { TokenTable } from '../storage/token-table.ts';
import { Transaction } from '../storage/transaction.ts';
import type { EmulatorClock } from './emulator-clock.ts';
import { FaultList } from './fault-list.ts';
import type { ProfileRules } from './profile.ts';
import { RequestLog } from './request-log.ts';
import type { SecretDigester } from './secret-digester.ts';
import { SessionTable } from './session-table.ts';
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
    requestLog: new RequestLog(),
    sessions: new SessionTable(),
    signInDelay: new SignInDelay(),
  };
}
