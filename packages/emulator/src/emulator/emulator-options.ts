import { isIP } from 'node:net';
import * as v from 'valibot';
import { isLoopback } from '../http/access.ts';
import { PROFILE_RULES, type Profile } from '../state/profile.ts';
import { choice, instant, integer, object, text } from '../state/schemas.ts';
import { type CheckedSeed, type EmulatorSeed, readSeed } from '../state/seed.ts';
import { validate } from '../state/validate.ts';

/** How an emulator is started. */
export interface EmulatorOptions {
  /**
   * The port; 0 takes a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The instant at which the clock is frozen: a Date, an ISO 8601 date or epoch ms. `clock.advance()` moves it.
   *
   * @default real time, which `clock.advance()` moves ahead
   */
  readonly clock?: Date | string | number;
  /**
   * The lifetime of a token in whole seconds (F6).
   *
   * @default 300
   */
  readonly tokenTtlSeconds?: number;
  /**
   * How long after a successful token response the same client is refused another one, in ms (F8); 0: no throttle.
   *
   * @default 5_000; 0 with the profile rfc
   */
  readonly throttleWindowMs?: number;
  /**
   * A file that keeps credentials, tokens, throttle and customers over a restart, for one emulator at a time.
   *
   * @default ':memory:'
   */
  readonly database?: string;
  /**
   * Credentials, portal users and customers to begin with; an object or the path of a JSON file. It is applied to a new
   * database and by `reset()`; a database file from an earlier start keeps what it holds.
   */
  readonly seed?: EmulatorSeed | string;
  /**
   * Whose rules count at the token endpoint where the vendor and the RFCs differ.
   *
   * @default 'vendor'
   */
  readonly profile?: Profile;
  /**
   * The IP address to listen on. One that other machines can reach needs an `adminToken`.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Names by which requests to administration and portal may call this machine, beside `localhost` and IP addresses: for
   * containers, whose names are their own. A name that another party controls opens the way to DNS rebinding.
   *
   * @default none
   */
  readonly hostNames?: readonly string[];
  /**
   * What the administration below `/_emulator` wants as a bearer token; 16 characters or more.
   *
   * @default none: on loopback, every program of this machine may control the emulator
   */
  readonly adminToken?: string;
}

const YEAR_SECONDS = 31_536_000;
const DAY_MS = 86_400_000;

/** The schema of an `adminToken`. */
export const adminToken = v.pipe(
  text(1_000),
  v.regex(
    /^[A-Za-z0-9\-._~+/]{16,}=*$/,
    'must be 16 characters or more of those that a bearer token can have (RFC 6750)',
  ),
);

const hostName = v.pipe(
  text(253),
  v.toLowerCase(),
  v.regex(/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/, 'must be a host name, without a port'),
);

/** The schema of the options. The command line has a flag for each of them, but `adminToken`. */
export const optionsSchema = object({
  port: v.pipe(v.optional(integer(0, 65_535), 0), v.description('The port; 0: a free one')),
  clock: v.pipe(v.optional(instant), v.description('Freeze the clock there; left out: real time')),
  tokenTtlSeconds: v.pipe(v.optional(integer(1, YEAR_SECONDS), 300), v.description('The lifetime of a token')),
  throttleWindowMs: v.pipe(
    v.optional(integer(0, DAY_MS)),
    v.description(
      'For how long a client is refused another token; 0: no throttle; left out: 5s, or 0 with the profile rfc',
    ),
  ),
  database: v.pipe(
    v.optional(
      v.pipe(text(4_096), v.regex(/^(?!file:)/i, 'must be the path of a file or ":memory:", not a URI')),
      ':memory:',
    ),
    v.description('A file that keeps everything over restarts'),
  ),
  seed: v.pipe(
    v.optional(v.unknown()),
    v.description('Credentials, portal users and customers to begin with; a JSON file'),
  ),
  profile: v.pipe(
    v.optional(choice('vendor', 'rfc'), 'vendor'),
    v.description('Whose rules count where the vendor and the RFCs differ'),
  ),
  host: v.pipe(
    v.optional(
      v.pipe(
        text(253),
        v.check((host) => isIP(host) !== 0 || host === 'localhost', 'must be an IP address or "localhost"'),
      ),
      '127.0.0.1',
    ),
    v.description('The IP address to listen on'),
  ),
  hostNames: v.pipe(
    v.optional(v.array(hostName), []),
    v.description('A name by which requests may call this machine, for containers'),
  ),
  adminToken: v.optional(adminToken),
});

const accessibleOptions = v.pipe(
  optionsSchema,
  v.forward(
    v.check(
      ({ host, adminToken }) => isLoopback(host) || adminToken !== undefined,
      'can be reached from other machines; give adminToken too, so that not everyone controls the emulator',
    ),
    ['host'],
  ),
);

/** Options with their defaults. */
export type CheckedOptions = Omit<v.InferOutput<typeof optionsSchema>, 'seed'> & {
  readonly seed: CheckedSeed | undefined;
  readonly throttleWindowMs: number;
};

/**
 * Checks the options of `startEmulator`, and reads the seed.
 *
 * @throws InvalidInput that names the option and the fix.
 */
export async function readOptions(given: unknown = {}): Promise<CheckedOptions> {
  const options = validate(accessibleOptions, given, '', 'options');
  const { throttleWindowMs = PROFILE_RULES[options.profile].throttleWindowMs, seed } = options;
  return { ...options, throttleWindowMs, seed: seed === undefined ? undefined : await readSeed(seed) };
}
