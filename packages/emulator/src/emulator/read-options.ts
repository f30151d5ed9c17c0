import { isIP } from 'node:net';
import type { AccessRules } from '../http/access-rules.ts';
import { isLoopback } from '../http/is-loopback.ts';
import type { EmulatorRules } from '../state/emulator-state.ts';
import { invalid } from '../state/input/invalid.ts';
import { readChoice } from '../state/input/read-choice.ts';
import { readClockOption } from '../state/input/read-clock-option.ts';
import { readInteger } from '../state/input/read-integer.ts';
import { readList } from '../state/input/read-list.ts';
import { readObject } from '../state/input/read-object.ts';
import { type CheckedSeed, readSeed } from '../state/input/read-seed.ts';
import { readText } from '../state/input/read-text.ts';
import { PROFILE_RULES, PROFILES } from '../state/profile.ts';

const YEAR_SECONDS = 31_536_000;
const DAY_MS = 86_400_000;

const FIELDS = [
  'port',
  'clock',
  'tokenTtlSeconds',
  'throttleWindowMs',
  'database',
  'seed',
  'host',
  'hostNames',
  'adminToken',
  'profile',
];

/** Options that are known to make sense, with their defaults filled in. */
export interface CheckedOptions {
  readonly port: number;
  readonly host: string;
  readonly access: AccessRules;
  readonly frozenAt: number | undefined;
  readonly rules: EmulatorRules;
  readonly database: string;
  readonly seed: CheckedSeed | undefined;
}

/**
 * Reads the options of `startEmulator`.
 *
 * @throws Error that names the option and the fix.
 */
export async function readOptions(options: unknown = {}): Promise<CheckedOptions> {
  const given = readObject(options, 'options', FIELDS);
  const { port = 0, clock, tokenTtlSeconds = 300, database = ':memory:', seed } = given;
  const profile = PROFILE_RULES[readChoice(given['profile'] ?? 'vendor', 'profile', PROFILES)];
  const { throttleWindowMs = profile.throttleWindowMs } = given;
  const access = readAccess(given);
  return {
    port: readInteger(port, 'port', 0, 65_535),
    host: readHost(given['host'] ?? '127.0.0.1', access),
    access,
    frozenAt: readClockOption(clock, 'clock'),
    rules: {
      tokenTtlSeconds: readInteger(tokenTtlSeconds, 'tokenTtlSeconds', 1, YEAR_SECONDS),
      throttleWindowMs: readInteger(throttleWindowMs, 'throttleWindowMs', 0, DAY_MS),
      profile,
    },
    database: readDatabase(database),
    seed: seed === undefined ? undefined : await readSeed(seed, 'seed'),
  };
}

function readAccess({ hostNames = [], adminToken }: Readonly<Record<string, unknown>>): AccessRules {
  return {
    hostNames: readList(hostNames, 'hostNames', readHostName),
    adminToken: adminToken === undefined ? undefined : readAdminToken(adminToken),
  };
}

function readHostName(value: unknown, where: string): string {
  const name = readText(value, where, 253).toLowerCase();
  if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)) throw invalid(where, 'must be a host name, without a port');
  return name;
}

function readAdminToken(value: unknown): string {
  const token = readText(value, 'adminToken', 1_000);
  if (!/^[A-Za-z0-9\-._~+/]{16,}=*$/.test(token)) {
    throw invalid('adminToken', 'must be 16 characters or more of those that a bearer token can have (RFC 6750)');
  }
  return token;
}

function readHost(value: unknown, { adminToken }: AccessRules): string {
  const host = readText(value, 'host', 253);
  if (isIP(host) === 0 && host !== 'localhost') throw invalid('host', 'must be an IP address or "localhost"');
  if (!isLoopback(host) && adminToken === undefined) {
    throw invalid('host', 'can be reached from other machines; give adminToken too, so that not everybody steers');
  }
  return host;
}

function readDatabase(value: unknown): string {
  const path = readText(value, 'database', 4_096);
  if (/^file:/i.test(path)) throw invalid('database', 'must be the path of a file or ":memory:", not a URI');
  return path;
}
