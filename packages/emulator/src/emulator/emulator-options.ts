import { isIP } from 'node:net';
import * as v from 'valibot';
import { isLoopback } from '../http/access.ts';
import type { EmulatorRules } from '../state/emulator-state.ts';
import { PROFILE_RULES, type Profile } from '../state/profile.ts';
import { choice, described, instant, integer, object, string } from '../state/schemas.ts';
import { type CheckedSeed, type EmulatorSeed, readSeed } from '../state/seed.ts';
import { validate } from '../state/validate.ts';

/** The options of `startEmulator`. */
export interface EmulatorOptions {
  /** The port; 0: a free port. @default 0 */
  readonly port?: number;
  /**
   * Freezes the clock at this instant: a Date, an ISO 8601 date or epoch ms. `clock.advance()` moves it forward.
   *
   * @default the clock runs with real time, and `clock.advance()` moves it forward
   */
  readonly clock?: Date | string | number;
  /** The lifetime of a token in whole seconds (F6). @default 300 */
  readonly tokenTtlSeconds?: number;
  /**
   * After a token response, token requests of the same client get a 401 for this many ms (F8); 0: no throttle.
   *
   * @default 5_000; 0 with the profile rfc
   */
  readonly throttleWindowMs?: number;
  /**
   * A file that keeps credentials, tokens, throttle and customers across restarts. One emulator at a time can use it.
   *
   * @default ':memory:'
   */
  readonly database?: string;
  /**
   * Credentials, portal users and customers, as an object or the path of a JSON file. A new database and `reset()` apply
   * the seed. An existing database file keeps its data.
   */
  readonly seed?: EmulatorSeed | string;
  /** The rules of the token endpoint where the vendor and the RFCs differ. @default 'vendor' */
  readonly profile?: Profile;
  /**
   * The IP address to listen on. An address that other machines can reach requires an `adminToken`.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Host names that the administration and the portal accept in addition to `localhost` and IP addresses, such as the
   * names of containers. A name that another party controls allows DNS rebinding.
   *
   * @default none
   */
  readonly hostNames?: readonly string[];
  /**
   * The bearer token that requests below `/_emulator` must send; at least 16 characters.
   *
   * @default none: every program on this machine can control the emulator
   */
  readonly adminToken?: string;
}

const YEAR_SECONDS = 31_536_000;
const DAY_MS = 86_400_000;

/** The schema of an `adminToken`. */
export const adminToken = v.pipe(
  string(1_000),
  v.regex(
    /^[A-Za-z0-9\-._~+/]{16,}=*$/,
    'must be at least 16 characters that a bearer token can have: A-Z a-z 0-9 - . _ ~ + / (RFC 6750)',
  ),
);

const hostName = v.pipe(
  string(253),
  v.toLowerCase(),
  v.regex(/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/, 'must be a host name without a port, such as emulator'),
);

const entries = {
  port: described('The port; 0: a free port', v.optional(integer(0, 65_535), 0)),
  clock: described('Freeze the clock at this instant (default: real time)', v.optional(instant)),
  tokenTtlSeconds: described('The lifetime of a token', v.optional(integer(1, YEAR_SECONDS), 300)),
  throttleWindowMs: described(
    'How long a client is throttled after a token; 0: no throttle (default: 5s, or 0 with the profile rfc)',
    v.optional(integer(0, DAY_MS)),
  ),
  database: described(
    'A file that keeps the data across restarts',
    v.optional(
      v.pipe(string(4_096), v.regex(/^(?!file:)/i, 'must be the path of a file or ":memory:"; a URI is not supported')),
      ':memory:',
    ),
  ),
  seed: described('A JSON file with credentials, portal users and customers', v.optional(v.unknown())),
  profile: described('The rules of the token endpoint, vendor or rfc', v.optional(choice('vendor', 'rfc'), 'vendor')),
  host: described(
    'The IP address to listen on',
    v.optional(
      v.pipe(
        string(253),
        v.check((host) => isIP(host) !== 0 || host === 'localhost', 'must be an IP address or "localhost"'),
      ),
      '127.0.0.1',
    ),
  ),
  hostNames: described(
    'A host name that requests may use, such as that of a container',
    v.optional(v.array(hostName), []),
  ),
  adminToken: v.optional(adminToken),
};

/** The schema of the options. The command line has a flag for each of them except `adminToken`. */
export const optionsSchema = v.pipe(
  object(entries),
  v.forward(
    v.check(
      ({ host, adminToken }) => isLoopback(host) || adminToken !== undefined,
      'is an address that other machines can reach; give an adminToken as well, so that only your clients control the emulator',
    ),
    ['host'],
  ),
);

/** Validated options, with their defaults. */
export type CheckedOptions = Omit<v.InferOutput<typeof optionsSchema>, 'seed'> & {
  readonly rules: EmulatorRules;
  readonly seed: CheckedSeed | undefined;
};

/** Validates the options of `startEmulator`, and reads the seed. @throws InvalidInput that names the option and the fix. */
export async function readOptions(given: unknown = {}): Promise<CheckedOptions> {
  const options = validate(optionsSchema, given, '', 'options');
  const profile = PROFILE_RULES[options.profile];
  const { tokenTtlSeconds, throttleWindowMs = profile.throttleWindowMs, seed } = options;
  const rules = { tokenTtlSeconds, throttleWindowMs, profile };
  return { ...options, rules, seed: seed === undefined ? undefined : await readSeed(seed) };
}
