import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../storage/rows.ts';
import { CLEAR_TABLES } from '../storage/schema.ts';
import { Statements } from '../storage/statements.ts';
import { createTables } from '../storage/tables.ts';
import { EmulatorClock } from './emulator-clock.ts';
import { FaultList } from './fault-list.ts';
import type { ProfileRules } from './profile.ts';
import { RequestLog } from './request-log.ts';
import { randomSecret, SecretDigester } from './secrets.ts';
import { SessionTable, SignInDelay } from './session.ts';

/** The configurable rules of an emulator. */
export interface EmulatorRules {
  readonly tokenTtlSeconds: number;
  readonly throttleWindowMs: number;
  readonly profile: ProfileRules;
}

/** The whole state of an emulator. */
export type EmulatorState = Readonly<ReturnType<typeof createEmulatorState>>;

/** Creates the state over an open database. `frozenAt`: epoch ms of a frozen clock; `undefined`: real time. */
export function createEmulatorState(database: DatabaseSync, rules: EmulatorRules, frozenAt: number | undefined) {
  const statements = new Statements(database);
  const tables = createTables(statements);
  const { meta, audit } = tables;
  const key = meta.read('key') ?? randomSecret();
  meta.write('key', key);
  // A killed process has not stored the time of its end.
  const clock = new EmulatorClock(frozenAt, Math.max(Number(meta.read('clock') ?? 0), tables.findLastInstant()));
  return {
    ...tables,
    rules,
    clock,
    digester: new SecretDigester(key),
    transaction: statements.transaction(),
    clearTables: () => database.exec(CLEAR_TABLES),
    faults: new FaultList(),
    requestLog: new RequestLog(),
    sessions: new SessionTable(clock),
    signInDelay: new SignInDelay(clock),
    /** Adds an action or a refusal to the audit log. */
    record({ subject = '', outcome = 'done', detail = '', ...entry }: NewAuditEntry): void {
      audit.add({ at: clock.now(), subject, outcome, detail, ...entry });
    },
    /** Stores the current time, so that the clock does not go back after a restart. */
    rememberInstant: () => meta.write('clock', String(clock.now())),
  };
}

type NewAuditEntry = Pick<AuditEntry, 'actor' | 'act'> & Partial<AuditEntry>;
