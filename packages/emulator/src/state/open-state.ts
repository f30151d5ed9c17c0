import type { DatabaseSync } from 'node:sqlite';
import { MetaTable } from '../storage/meta-table.ts';
import { EmulatorClock } from './emulator-clock.ts';
import { createEmulatorState, type EmulatorRules, type EmulatorState } from './emulator-state.ts';
import { DEFAULT_CLIENT_ID } from './schemas.ts';
import { randomSecret, SecretDigester } from './secrets.ts';
import type { CheckedSeed } from './seed.ts';
import { applySeedRows, type SeedRows, toSeedRows } from './seed-rows.ts';

/** The settings of a state. */
export interface StateSettings {
  readonly rules: EmulatorRules;
  readonly frozenAt: number | undefined;
  readonly seed: CheckedSeed | undefined;
}

/** A seeded state. */
export interface OpenedState {
  readonly state: EmulatorState;
  /** Restores the seed. */
  reset(): void;
}

/** Opens the state in a database. A new database gets the seed, an existing one keeps its data. */
export function openState(database: DatabaseSync, settings: StateSettings): OpenedState {
  const meta = new MetaTable(database);
  const digester = new SecretDigester(readKey(meta));
  const clock = new EmulatorClock(settings.frozenAt, readLastInstant(database, meta));
  const state = createEmulatorState(database, { rules: settings.rules, clock, digester, meta });

  const stored = meta.read('seed');
  const rows = chooseRows(settings.seed, stored, digester);
  if (stored === undefined) applySeedRows(state, rows, 0);
  meta.write('seed', JSON.stringify(rows));
  // `emulator.clientSecret` is a constant, so that a reset must make this secret valid again.
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

function readKey(meta: MetaTable): string {
  const key = meta.read('key') ?? randomSecret();
  meta.write('key', key);
  return key;
}

/** The latest time in the file. A killed process has not stored the time of its end. */
function readLastInstant(database: DatabaseSync, meta: MetaTable): number {
  const last = database.prepare(
    'SELECT max(at) AS at FROM (SELECT max(issued_at) AS at FROM tokens UNION SELECT max(created_at) FROM secrets ' +
      'UNION SELECT max(at) FROM audit)',
  );
  return Math.max(Number(meta.read('clock') ?? 0), Number(last.get()?.['at'] ?? 0));
}

/** Chooses the seed of `reset()`: the given one, even when the database was created with another one. */
function chooseRows(given: CheckedSeed | undefined, stored: string | undefined, digester: SecretDigester): SeedRows {
  if (given === undefined && stored !== undefined) return JSON.parse(stored) as SeedRows;
  return toSeedRows(given ?? { credentials: [], portalUsers: [], customers: undefined }, digester);
}
